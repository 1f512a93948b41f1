import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: 'dist',
    target: 'es2022',
    chunkSizeWarningLimit: 600,
    // A page whose styles broke off on the way would be drawn without them: vite asks for each file only once.
    cssCodeSplit: false,
    rolldownOptions: {
      output: {
        // Changes seldom, so it keeps its name in caches when only the console changed.
        codeSplitting: {
          groups: [{ name: 'react', test: /node_modules\/(react|react-dom|scheduler|react-router)\// }],
        },
      },
    },
  },
  server: { proxy: { '/v1': 'http://localhost:8080', '/auth': 'http://localhost:8080' } },
});
