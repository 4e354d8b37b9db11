// The components this app uses, each with its own sheet: what is not listed is not shipped.
import { Button, Icon, Popup, Switch } from 'vant'
import 'vant/es/button/style/index'
import 'vant/es/dialog/style/index'
import 'vant/es/icon/style/index'
import 'vant/es/popup/style/index'
import 'vant/es/switch/style/index'
import 'vant/es/toast/style/index'
import { h, type App, type FunctionalComponent } from 'vue'

const USED = [Button, Popup, Switch]

/** The icon font's letters are pictures, no words: left in, they would stand in the names of buttons. */
const Quiet: FunctionalComponent = (_props, { attrs }) => h(Icon, { ...attrs, 'aria-hidden': 'true' })

/** Makes the listed components known to every template. */
export function vant(app: App): void {
  for (const component of USED) app.use(component)
  app.component('VanIcon', Quiet)
}
