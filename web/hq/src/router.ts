// One address a page; filters live in the query, so that a link shows what its sender saw.
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { holds, settled } from './person'

const HEADQUARTERS = ['headquarters', 'administrator']
const READERS = [...HEADQUARTERS, 'leader', 'inspector']
const OFFICE = [...READERS, 'unit_office']

declare module 'vue-router' {
  interface RouteMeta {
    /** Roles that may open the page; none named, everybody signed in. */
    roles?: string[]
    /** The word of the menu, and its group; pages without one are reached from others. */
    menu?: string
    group?: 'figures' | 'records' | 'work' | 'administration'
    /** Open to people who are not signed in. */
    open?: boolean
  }
}

export const routes: RouteRecordRaw[] = [
  { path: '/', redirect: '/overview' },
  { path: '/sign-in', component: () => import('./pages/SignIn.vue'), meta: { open: true } },
  { path: '/overview', component: () => import('./pages/Overview.vue'), meta: { menu: 'overview', group: 'figures', roles: OFFICE } },
  { path: '/visits', component: () => import('./pages/Visits.vue'), meta: { menu: 'visits', group: 'records', roles: OFFICE } },
  { path: '/visits/:id', component: () => import('./pages/Visit.vue'), meta: { roles: OFFICE } },
  { path: '/review', component: () => import('./pages/Review.vue'), meta: { menu: 'review', group: 'work', roles: ['unit_office', 'headquarters'] } },
  { path: '/:missing(.*)', component: () => import('./pages/Missing.vue') },
]

export const router = createRouter({ history: createWebHistory('/hq/'), routes })

router.beforeEach(async (to) => {
  if (to.meta.open) return true
  const someone = await settled()
  if (!someone || someone.must_change_password) return { path: '/sign-in', query: { to: to.fullPath } }
  if (to.meta.roles && !holds(...to.meta.roles)) return { path: '/not-allowed', replace: true }
  return true
})
