import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { apiProxy, TARGET } from './vite.common.ts'

export default defineConfig({
  root: 'hq',
  base: '/hq/',
  plugins: [vue()],
  define: {
    __VUE_OPTIONS_API__: true, // Element Plus still asks for it
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  build: {
    outDir: '../dist/hq',
    emptyOutDir: true,
    target: TARGET,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'vue', test: /node_modules[\\/](@?vue[\\/]|vue-router|vue-i18n|@vue|@intlify)/ },
            { name: 'leaflet', test: /node_modules[\\/]leaflet/ },
            { name: 'element', test: /node_modules/ },
          ],
        },
      },
    },
  },
  server: { proxy: apiProxy() },
})
