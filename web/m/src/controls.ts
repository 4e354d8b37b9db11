// The controls every template knows. Of Vant there is the icon font alone: what the browser has is nobody's to ship.
import 'vant/es/icon/index.css'
import { h, type App, type FunctionalComponent } from 'vue'
import AppButton from './parts/AppButton.vue'

/** A letter of the icon font; it is a picture, no word: left in, it would stand in the names of buttons. */
const AppIcon: FunctionalComponent<{ name: string; size?: string | number }> = ({ name, size }) =>
  h('i', { class: `van-icon van-icon-${name}`, style: size ? { fontSize: `${size}px` } : undefined, 'aria-hidden': 'true' })
AppIcon.props = ['name', 'size']

export function controls(app: App): void {
  app.component('AppButton', AppButton)
  app.component('AppIcon', AppIcon)
}

declare module 'vue' {
  interface GlobalComponents {
    AppButton: typeof AppButton
    AppIcon: typeof AppIcon
  }
}
