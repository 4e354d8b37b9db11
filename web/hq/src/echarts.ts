// What this app draws with ECharts, and nothing else of it; the SVG renderer prints sharply and is the smaller of the two.
import { BarChart, type BarSeriesOption, LineChart, type LineSeriesOption } from 'echarts/charts'
import { GridComponent, type GridComponentOption, TooltipComponent, type TooltipComponentOption } from 'echarts/components'
import { type ComposeOption, init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

export type ChartOption = ComposeOption<BarSeriesOption | LineSeriesOption | GridComponentOption | TooltipComponentOption>
export type { BarSeriesOption, LineSeriesOption }

use([BarChart, LineChart, GridComponent, TooltipComponent, SVGRenderer])

export { init }
