// The components this app uses, each with its own sheet: what is not listed is not shipped. Tables, fields and selects
// are the browser's own: they are lighter, print well, and screen readers know them.
import { ElButton, ElConfigProvider, ElDialog, ElDrawer, ElProgress } from 'element-plus'
import 'element-plus/es/components/base/style/css'
import 'element-plus/es/components/button/style/css'
import 'element-plus/es/components/dialog/style/css'
import 'element-plus/es/components/drawer/style/css'
import 'element-plus/es/components/progress/style/css'
import type { App } from 'vue'

const USED = [ElButton, ElConfigProvider, ElDialog, ElDrawer, ElProgress]

/** Makes the listed components known to every template. */
export function elementPlus(app: App): void {
  for (const component of USED) app.use(component)
}
