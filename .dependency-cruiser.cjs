/** The layer rules of docs/ARCHITECTURE.md: who may import whom. */
const cp = '^core/control-plane/src';
const notTest = '\\.(test|contract)\\.ts$|/testing/';
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'model-imports-nothing-of-ours',
      severity: 'error',
      from: { path: '^core/model' },
      to: { path: '^(core/(control-plane|console)|e2e|bench)' },
    },
    {
      name: 'model-does-no-io',
      severity: 'error',
      from: { path: '^core/model', pathNot: notTest },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'ports-import-model',
      severity: 'error',
      from: { path: `${cp}/ports`, pathNot: notTest },
      to: { path: `${cp}/(?!ports)` },
    },
    {
      name: 'adapters-import-model-and-ports',
      severity: 'error',
      from: { path: `${cp}/adapters/([^/]+)`, pathNot: notTest },
      to: { path: `${cp}/(?!ports|adapters/$1)` },
    },
    {
      name: 'spine-imports-model-and-ports',
      severity: 'error',
      from: { path: `${cp}/(events|read-model)`, pathNot: notTest },
      to: { path: `${cp}/(adapters|services|api|proxy)` },
    },
    {
      name: 'services-do-not-import-adapters-or-api',
      severity: 'error',
      from: { path: `${cp}/services`, pathNot: notTest },
      to: { path: `${cp}/(adapters|api|proxy|composition|main)` },
    },
    {
      name: 'api-imports-services-ports-model',
      severity: 'error',
      from: { path: `${cp}/api`, pathNot: notTest },
      to: { path: `${cp}/(adapters|proxy|composition|main)` },
    },
    {
      name: 'proxy-stands-alone',
      severity: 'error',
      from: { path: `${cp}/proxy`, pathNot: notTest },
      to: { path: `${cp}/(?!proxy|ports)` },
    },
    {
      name: 'console-imports-model-only',
      severity: 'error',
      from: { path: '^core/console' },
      to: { path: '^(core/(?!console|model)|e2e|bench|scripts|platform)' },
    },
    {
      name: 'nobody-imports-the-console',
      severity: 'error',
      from: { pathNot: '^core/console' },
      to: { path: '^core/console' },
    },
    {
      name: 'product-imports-no-tests',
      severity: 'error',
      from: { path: '^core', pathNot: notTest },
      to: { path: `^(e2e|bench|scripts)|${notTest}` },
    },
    {
      name: 'every-import-is-found',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    exclude: { path: '(^|/)(dist|node_modules)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
