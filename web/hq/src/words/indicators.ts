import { both } from '../../../shared/words'

export const indicators = both(
  {
    what: '按月（或季、半年、年）填报各单位的目标和完成数；由系统统计的指标只填目标。', indicator: '指标', byHand: '人工填报', counted: '系统统计', period: '期间', periods: { month: '月', quarter: '季度', half_year: '半年', year: '年' }, month: '所在月份', span: '{from} 至 {to}，序时进度 {elapsed}%', choose: '请选择或新增一个指标。',
    unit: '单位', levels: { baseline: '计划目标', working: '工作目标', striving: '奋斗目标', actual: '完成数' }, rate: '完成率', light: '红绿灯', lights: { green: '绿', yellow: '黄', red: '红' }, cell: '{unit} {level}', inUnit: '单位：{unit}',
    save: '保存（{n} 处修改）', undo: '放弃修改', saved: '已保存', refused: '没有保存，以下数额有误：', import: '导入表格', importHow: '列名：单位、计划目标、工作目标、奋斗目标、完成数；没有列出的不变。', short: '{level}：各单位合计 {units}，全市 {city}，缺 {short}',
    add: '新增指标', code: '代码（小写字母、数字、下划线）', zh: '中文名称', en: '英文名称', countedIn: '计量单位', make: '新增',
  },
  {
    what: 'Targets and results of the units by month (or quarter, half-year, year); of what the system counts, only targets are entered.', indicator: 'Indicator', byHand: 'Entered by hand', counted: 'Counted by the system', period: 'Period', periods: { month: 'Month', quarter: 'Quarter', half_year: 'Half-year', year: 'Year' }, month: 'A month of it', span: '{from} to {to}, {elapsed}% of the time gone', choose: 'Choose an indicator, or add one.',
    unit: 'Unit', levels: { baseline: 'Baseline', working: 'Working', striving: 'Striving', actual: 'Reached' }, rate: 'Completion', light: 'Light', lights: { green: 'green', yellow: 'yellow', red: 'red' }, cell: '{unit} {level}', inUnit: 'In {unit}',
    save: 'Save (changes: {n})', undo: 'Discard', saved: 'Saved', refused: 'Nothing was saved; these amounts are wrong:', import: 'Import a table', importHow: 'Headings: unit, baseline, working, striving, actual; what is not listed stays.', short: '{level}: units add up to {units}, the city has {city}, {short} short',
    add: 'New indicator', code: 'Code (small letters, digits, underscores)', zh: 'Chinese name', en: 'English name', countedIn: 'Counted in', make: 'Add',
  },
)
