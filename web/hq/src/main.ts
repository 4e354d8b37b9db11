import { createApp } from 'vue'
import '../../shared/tokens.css'
import './app.css'
import App from './App.vue'
import { elementPlus } from './element'
import { router } from './router'
import { words } from './words'

createApp(App).use(words).use(router).use(elementPlus).mount('#app')
