// One address a page; filters live in the query, so that a link shows what its sender saw.
import { createRouter, createWebHistory, type RouteRecordRaw } from 'vue-router'
import { holds, settled } from './person'
import { CALLED, HEADQUARTERS, HELPERS, homeOf, OFFICE, READERS } from './roles'

declare module 'vue-router' {
  interface RouteMeta {
    /** Roles that may open the page; none named, everybody signed in. */
    roles?: string[]
    /** The word of the menu, and its group; pages without one are reached from others. */
    menu?: string
    group?: 'figures' | 'records' | 'work' | 'administration'
    /** The word above a page that is not in the menu. */
    title?: string
    /** Open to people who are not signed in. */
    open?: boolean
  }
}

export const routes: RouteRecordRaw[] = [
  { path: '/', component: () => import('./pages/Missing.vue') },
  { path: '/sign-in', component: () => import('./pages/SignIn.vue'), meta: { open: true } },
  { path: '/overview', component: () => import('./pages/Overview.vue'), meta: { menu: 'overview', group: 'figures', roles: OFFICE } },
  { path: '/units', component: () => import('./pages/Units.vue'), meta: { menu: 'units', group: 'figures', roles: OFFICE } },
  { path: '/coverage', component: () => import('./pages/Coverage.vue'), meta: { menu: 'coverage', group: 'figures', roles: OFFICE } },
  { path: '/visits', component: () => import('./pages/Visits.vue'), meta: { menu: 'visits', group: 'records', roles: OFFICE } },
  { path: '/visits/:id', component: () => import('./pages/Visit.vue'), meta: { title: 'visit', roles: OFFICE } },
  { path: '/sites', component: () => import('./pages/Sites.vue'), meta: { menu: 'sites', group: 'figures', roles: OFFICE } },
  { path: '/projects', component: () => import('./pages/Projects.vue'), meta: { menu: 'projects', group: 'figures', roles: OFFICE } },
  { path: '/projects/:id', component: () => import('./pages/Project.vue'), meta: { title: 'projects', roles: OFFICE } },
  { path: '/checkins', component: () => import('./pages/Checkins.vue'), meta: { menu: 'checkins', group: 'records', roles: OFFICE } },
  { path: '/checkins/:id', component: () => import('./pages/Checkin.vue'), meta: { title: 'checkins', roles: OFFICE } },
  { path: '/issues', component: () => import('./pages/Issues.vue'), meta: { menu: 'issues', group: 'records', roles: CALLED } },
  { path: '/issues/:id', component: () => import('./pages/Issue.vue'), meta: { title: 'issues', roles: CALLED } },
  { path: '/photos', component: () => import('./pages/Photos.vue'), meta: { menu: 'photos', group: 'records', roles: OFFICE } },
  { path: '/review', component: () => import('./pages/Review.vue'), meta: { menu: 'review', group: 'work', roles: ['unit_office', 'headquarters'] } },
  { path: '/reports', component: () => import('./pages/Reports.vue'), meta: { menu: 'reports', group: 'work', roles: READERS } },
  { path: '/reports/:id', component: () => import('./pages/Report.vue'), meta: { title: 'reports', roles: READERS } },
  { path: '/boards', component: () => import('./pages/Boards.vue'), meta: { menu: 'boards', group: 'figures', roles: OFFICE } },
  { path: '/boards/:id', component: () => import('./pages/Board.vue'), meta: { title: 'boards', roles: OFFICE } },
  { path: '/exports', component: () => import('./pages/Exports.vue'), meta: { menu: 'exports', group: 'work', roles: OFFICE } },
  { path: '/enterprises', component: () => import('./pages/Enterprises.vue'), meta: { menu: 'enterprises', group: 'administration', roles: OFFICE } },
  { path: '/enterprises/import', component: () => import('./pages/EnterpriseImport.vue'), meta: { title: 'enterprises', roles: HEADQUARTERS } },
  { path: '/enterprises/duplicates', component: () => import('./pages/Duplicates.vue'), meta: { title: 'enterprises', roles: HEADQUARTERS } },
  { path: '/kept', component: () => import('./pages/Kept.vue'), meta: { menu: 'kept', group: 'work', roles: HEADQUARTERS } },
  { path: '/visits/unmatched', component: () => import('./pages/Unmatched.vue'), meta: { menu: 'unmatched', group: 'work', roles: HEADQUARTERS } },
  { path: '/outboxes', component: () => import('./pages/Outboxes.vue'), meta: { menu: 'outboxes', group: 'work', roles: HELPERS } },
  { path: '/inspections', component: () => import('./pages/Inspections.vue'), meta: { menu: 'inspections', group: 'work', roles: READERS } },
  { path: '/visits/remarked', component: () => import('./pages/Remarked.vue'), meta: { menu: 'remarked', group: 'work', roles: HELPERS } },
  { path: '/units/admin', component: () => import('./pages/UnitAdmin.vue'), meta: { menu: 'organisation', group: 'administration', roles: OFFICE } },
  { path: '/people', component: () => import('./pages/People.vue'), meta: { menu: 'people', group: 'administration', roles: OFFICE } },
  { path: '/programmes', component: () => import('./pages/Programmes.vue'), meta: { menu: 'programmes', group: 'administration', roles: OFFICE } },
  { path: '/programmes/:id', component: () => import('./pages/Programme.vue'), meta: { title: 'programmes', roles: OFFICE } },
  { path: '/indicators', component: () => import('./pages/Indicators.vue'), meta: { menu: 'indicators', group: 'administration', roles: OFFICE } },
  { path: '/privacy', component: () => import('./pages/Privacy.vue'), meta: { menu: 'privacy', group: 'administration', roles: [...HEADQUARTERS, 'inspector'] } },
  { path: '/:missing(.*)', component: () => import('./pages/Missing.vue') },
]

export const router = createRouter({ history: createWebHistory('/hq/'), routes })

router.beforeEach(async (to) => {
  if (to.meta.open) return true
  const someone = await settled()
  if (!someone || someone.must_change_password) return { path: '/sign-in', query: { to: to.fullPath } }
  if (to.path === '/') return { path: homeOf(someone.roles) ?? '/not-allowed', query: to.query, replace: true }
  if (to.meta.roles && !holds(...to.meta.roles)) return { path: '/not-allowed', replace: true }
  return true
})
