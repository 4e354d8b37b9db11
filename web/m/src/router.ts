// One cached shell opens every address, with or without a line: that is why the phone's addresses stand behind the hash.
// All screens come at once: the worker keeps them all anyway, and one file packs better than sixteen.
import { createRouter, createWebHashHistory, type RouteRecordRaw } from 'vue-router'
import { person, settled } from './parts/account'
import Checkin from './screens/Checkin.vue'
import Issue from './screens/Issue.vue'
import IssueForm from './screens/IssueForm.vue'
import Issues from './screens/Issues.vue'
import Install from './screens/Install.vue'
import Looked from './screens/Looked.vue'
import Me from './screens/Me.vue'
import Missing from './screens/Missing.vue'
import Outbox from './screens/Outbox.vue'
import Password from './screens/Password.vue'
import Record from './screens/Record.vue'
import Records from './screens/Records.vue'
import SignIn from './screens/SignIn.vue'
import Today from './screens/Today.vue'
import Visit from './screens/Visit.vue'
import VisitStart from './screens/VisitStart.vue'

declare module 'vue-router' {
  interface RouteMeta {
    /** The word at the top. */
    title?: string
    /** Open to people who are not signed in. */
    open?: boolean
    /** Where the arrow leads; pages of the bottom bar have none. */
    back?: string
    /** The tab it belongs to. */
    tab?: string
  }
}

const routes: RouteRecordRaw[] = [
  { path: '/', redirect: '/today' },
  { path: '/sign-in', component: SignIn, meta: { open: true } },
  { path: '/enrol', component: SignIn, meta: { open: true } },
  { path: '/password', component: Password, meta: { title: 'me.password', back: '/me', tab: '/me' } },
  { path: '/today', component: Today, meta: { title: 'frame.today', tab: '/today' } },
  { path: '/visit', component: VisitStart, meta: { title: 'frame.visit', tab: '/visit' } },
  { path: '/visit/:id', component: Visit, meta: { title: 'visit.title', back: '/visit', tab: '/visit' } },
  { path: '/checkin', component: Checkin, meta: { title: 'checkin.title', tab: '/checkin' } },
  { path: '/checkin/:id', component: Checkin, meta: { title: 'checkin.title', back: '/checkin', tab: '/checkin' } },
  { path: '/issue', component: IssueForm, meta: { title: 'issue.title', back: '/issues', tab: '/checkin' } },
  { path: '/issue/:id', component: IssueForm, meta: { title: 'issue.title', back: '/issues', tab: '/checkin' } },
  { path: '/issues', component: Issues, meta: { title: 'issue.mine', back: '/today', tab: '/today' } },
  { path: '/issues/:id', component: Issue, meta: { title: 'issue.mine', back: '/issues', tab: '/today' } },
  { path: '/outbox', component: Outbox, meta: { title: 'outbox.title', tab: '/outbox' } },
  { path: '/me', component: Me, meta: { title: 'frame.me', tab: '/me' } },
  { path: '/records', component: Records, meta: { title: 'record.mine', back: '/me', tab: '/me' } },
  { path: '/records/:type(visit|checkin)/:id', component: Record, meta: { title: 'record.mine', back: '/records', tab: '/me' } },
  { path: '/looked', component: Looked, meta: { title: 'me.looked', back: '/me', tab: '/me' } },
  { path: '/install', component: Install, meta: { title: 'me.installTitle', back: '/me', tab: '/me', open: true } },
  { path: '/:missing(.*)', component: Missing },
]

export const router = createRouter({ history: createWebHashHistory('/m/'), routes, scrollBehavior: (_to, _from, saved) => saved ?? { top: 0 } })

router.beforeEach(async (to) => {
  if (to.meta.open) return true
  const someone = await settled()
  if (!someone) return { path: '/sign-in', query: { to: to.fullPath } }
  if (someone.must_change_password && to.path !== '/password') return { path: '/password' }
  return true
})

/** Where to go after signing in. */
export function onward(to: unknown): string {
  if (person.value?.must_change_password) return '/password'
  return typeof to === 'string' && to.startsWith('/') ? to : '/today'
}
