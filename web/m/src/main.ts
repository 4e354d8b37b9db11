import { createApp } from 'vue'
import '../../shared/tokens.css'
import { controls } from './controls'
import './app.css'
import App from './App.vue'
import { askPersist } from './db'
import { keepOffer } from './parts/install'
import { settled } from './parts/account'
import { readStatus } from './parts/status'
import { keepApp } from './parts/update'
import { readIn } from './pull'
import { router } from './router'
import { keepFlushing } from './sync'
import { words } from './words'

createApp(App).use(words).use(router).use(controls).mount('#app')

keepOffer()
void readStatus()
void readIn(words.global.locale.value).catch(() => false).finally(keepFlushing)
void keepApp()
void settled().then((someone) => someone && askPersist())
