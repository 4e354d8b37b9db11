import { fileURLToPath } from 'node:url'
import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'
import { vantIconFont } from './plugins/vantIconFont.ts'
import { apiProxy, TARGET } from './vite.common.ts'

export default defineConfig({
  root: 'm',
  base: '/m/',
  plugins: [vue(), vantIconFont()],
  // The library is 17 KB gz of what a phone loads, for the named places of plain texts.
  resolve: { alias: { 'vue-i18n': fileURLToPath(new URL('m/src/i18n.ts', import.meta.url)) } },
  define: {
    __VUE_OPTIONS_API__: false,
    __VUE_PROD_DEVTOOLS__: false,
    __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: false,
    __VUE_I18N_LEGACY_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
  },
  build: {
    outDir: '../dist/m',
    emptyOutDir: true,
    target: TARGET,
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      output: { codeSplitting: { groups: [{ name: 'vendor', test: /node_modules/ }] } },
    },
  },
  server: { proxy: apiProxy() },
})
