import { createBrowserRouter, Navigate, type RouteObject } from 'react-router';
import { CrashPage } from './layout/CrashPage.tsx';
import { loadPart } from './layout/load-part.ts';
import { NotFoundPage } from './layout/NotFoundPage.tsx';
import { Shell } from './layout/Shell.tsx';
import { HomePage } from './session/HomePage.tsx';
import { RequireSession } from './session/RequireSession.tsx';

const page = (load: () => Promise<{ Component: React.ComponentType }>) => ({ lazy: () => loadPart(load) });

const signedIn: RouteObject[] = [
  { path: 'organizations', ...page(() => import('./organizations/OrganizationsPage.tsx')) },
  { path: 'organizations/new', ...page(() => import('./organizations/CreateOrganizationPage.tsx')) },
  {
    path: 'organizations/:organization/pull-requests',
    ...page(() => import('./pull-requests/PullRequestsPage.tsx')),
  },
  {
    path: 'organizations/:organization/pull-requests/:application/:number',
    ...page(() => import('./pull-requests/PullRequestPage.tsx')),
  },
  { path: 'organizations/:organization', ...page(() => import('./organizations/OrganizationPage.tsx')) },
  {
    path: 'marketplace/:blueprint/blast-radius',
    ...page(() => import('./marketplace/BlastRadiusPage.tsx')),
  },
  { path: 'inbox', ...page(() => import('./inbox/InboxPage.tsx')) },
  { path: 'tokens', ...page(() => import('./tokens/TokensPage.tsx')) },
  {
    path: 'environments/:environment',
    ...page(() => import('./environments/EnvironmentLayout.tsx')),
    children: [
      { index: true, ...page(() => import('./environments/EnvironmentPage.tsx')) },
      { path: 'history', ...page(() => import('./environments/EnvironmentHistoryPage.tsx')) },
      { path: 'promote', ...page(() => import('./promotion/PromotePage.tsx')) },
      { path: 'promotion', ...page(() => import('./promotion/PromotionPage.tsx')) },
      { path: 'install', element: <Navigate to="/marketplace" replace /> },
      { path: 'install/:blueprint', ...page(() => import('./install/InstallPage.tsx')) },
      {
        path: 'applications/:application',
        ...page(() => import('./applications/ApplicationPage.tsx')),
        children: [
          { index: true, ...page(() => import('./applications/OverviewTab.tsx')) },
          { path: 'settings', ...page(() => import('./applications/SettingsTab.tsx')) },
          { path: 'lane', ...page(() => import('./lanes/LaneTab.tsx')) },
          { path: 'logs', ...page(() => import('./applications/LogsTab.tsx')) },
          { path: 'history', ...page(() => import('./applications/HistoryTab.tsx')) },
          { path: 'manifests', ...page(() => import('./applications/ManifestsTab.tsx')) },
          { path: 'scorecard', ...page(() => import('./applications/ScorecardTab.tsx')) },
        ],
      },
    ],
  },
];

/** Every address of the console. Pages are loaded when they are first visited. */
export function createRouter() {
  return createBrowserRouter([
    {
      element: <Shell />,
      errorElement: <CrashPage />,
      hydrateFallbackElement: <span />,
      children: [
        { index: true, element: <HomePage /> },
        { path: 'marketplace', ...page(() => import('./marketplace/MarketplacePage.tsx')) },
        { path: 'marketplace/:blueprint', ...page(() => import('./marketplace/BlueprintPage.tsx')) },
        { path: 'sign-in', ...page(() => import('./session/SignInPage.tsx')) },
        { path: 'setup', ...page(() => import('./session/SetupPage.tsx')) },
        { path: 'invitations/accept', ...page(() => import('./session/InvitationPage.tsx')) },
        { element: <RequireSession />, errorElement: <CrashPage />, children: signedIn },
        { path: '*', element: <NotFoundPage /> },
      ],
    },
  ]);
}
