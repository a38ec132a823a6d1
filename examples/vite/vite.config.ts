import { defineConfig } from 'vite';

export default defineConfig({
  // compositord-client is a link to the clone here, and would look for React there. Installed from a tarball it needs no such line.
  resolve: { dedupe: ['react'] },
});
