const kubernetes = 'https://kubernetes.io/docs/';

/** Where the rules come from. */
export const sources = {
  disruptions: {
    title: 'Kubernetes: Disruptions',
    url: `${kubernetes}concepts/workloads/pods/disruptions/`,
  },
  disruptionBudget: {
    title: 'Kubernetes: Specifying a Disruption Budget',
    url: `${kubernetes}tasks/run-application/configure-pdb/`,
  },
  probes: {
    title: 'Kubernetes: Liveness, Readiness and Startup Probes',
    url: `${kubernetes}concepts/configuration/liveness-readiness-startup-probes/`,
  },
  resources: {
    title: 'Kubernetes: Resource Management for Pods and Containers',
    url: `${kubernetes}concepts/configuration/manage-resources-containers/`,
  },
  podSecurity: {
    title: 'Kubernetes: Pod Security Standards',
    url: `${kubernetes}concepts/security/pod-security-standards/`,
  },
  securityChecklist: {
    title: 'Kubernetes: Application Security Checklist',
    url: `${kubernetes}concepts/security/application-security-checklist/`,
  },
  images: { title: 'Kubernetes: Images', url: `${kubernetes}concepts/containers/images/` },
  debugPods: {
    title: 'Kubernetes: Debug Pods',
    url: `${kubernetes}tasks/debug/debug-application/debug-pods/`,
  },
  podLifecycle: {
    title: 'Kubernetes: Pod Lifecycle',
    url: `${kubernetes}concepts/workloads/pods/pod-lifecycle/`,
  },
  disposability: { title: 'The Twelve-Factor App: Disposability', url: 'https://12factor.net/disposability' },
  dependencies: {
    title: 'The Twelve-Factor App: Dependencies',
    url: 'https://12factor.net/dependencies',
  },
  concurrency: { title: 'The Twelve-Factor App: Concurrency', url: 'https://12factor.net/concurrency' },
  dataIntegrity: {
    title: 'Site Reliability Engineering: Data Integrity',
    url: 'https://sre.google/sre-book/data-integrity/',
  },
  onCall: {
    title: 'Site Reliability Engineering: Being On-Call',
    url: 'https://sre.google/sre-book/being-on-call/',
  },
  monitoring: {
    title: 'Site Reliability Engineering: Monitoring Distributed Systems',
    url: 'https://sre.google/sre-book/monitoring-distributed-systems/',
  },
  releases: {
    title: 'Site Reliability Engineering: Release Engineering',
    url: 'https://sre.google/sre-book/release-engineering/',
  },
  codeowners: {
    title: 'GitHub: About code owners',
    url: 'https://docs.github.com/repositories/managing-your-repositorys-settings-and-features/customizing-your-repository/about-code-owners',
  },
} as const;
