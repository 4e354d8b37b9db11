import { both } from '../../../shared/words'

export const coverage = both(
  {
    title: '目标企业覆盖', view: '视图', tiles: '方块地图', chains: '产业链树图', matrix: '县区 × 产业链', listed: '在册 {n} 家', covered: '已走访 {n} 家', share: '覆盖率',
    how: '目标企业库中的企业，全市已有一次已核走访即为覆盖。▲ 八成以上，◆ 四成至八成，▼ 四成以下，○ 没有在册目标企业（不等于 0%）。各县区按负责走访的单位归属。',
    treeHow: '面积为在册目标企业数，颜色、花纹与符号为覆盖率；点击筛选下方企业。', matrixHow: '行为单位，列为产业链。灰色“—”为没有在册目标企业；“0”为有目标企业而无一走访。点击筛选下方企业。',
    unassigned: '未分派', noChain: '未填产业链', unvisited: '未走访企业', unvisitedHow: '目标企业库中尚无已核走访的企业，与上图的“在册减已走访”逐一相等；待核表示已有走访在审核。',
    name: '企业', unit: '负责单位', chain: '产业链', city: '所在城市', state: '状态', waits: '待核', never: '未走访', more: '更多', save: '导出 CSV', saving: '正在导出…', none: '没有未走访的目标企业', noLists: '本方案还没有目标企业库。请在“方案与目标”中建立名单后查看覆盖。', toLists: '去建立名单', chosen: '已筛选：{what}', clear: '取消筛选',
    high: '八成以上', middle: '四成至八成', low: '四成以下', unknown: '无在册企业', legend: '图例', counted: '已核走访对象', left: '尚缺 {n} 家',
  },
  {
    title: 'Coverage of the target lists', view: 'View', tiles: 'Tiles', chains: 'Chains', matrix: 'County × chain', listed: '{n} listed', covered: '{n} visited', share: 'Coverage',
    how: 'Enterprises on the target lists; one with a counted visit in the city is covered. ▲ 80 % and more, ◆ 40 to 80 %, ▼ under 40 %, ○ none listed (which is not 0 %). A county stands for the unit that is to visit.',
    treeHow: 'Area is the number of listed enterprises; colour, pattern and sign are the coverage. A click filters the enterprises below.', matrixHow: 'Rows are units, columns chains. A grey “—”: none is listed; “0”: some are, none is visited. A click filters the enterprises below.',
    unassigned: 'Not assigned', noChain: 'No chain entered', unvisited: 'Not visited', unvisitedHow: 'Enterprises on the target lists without a counted visit: exactly listed less visited above. Waiting: a visit is under review.',
    name: 'Enterprise', unit: 'Unit to visit', chain: 'Chain', city: 'City', state: 'State', waits: 'waiting', never: 'not visited', more: 'More', save: 'Save CSV', saving: 'Saving…', none: 'No target enterprise is left', noLists: 'This programme has no target list yet. Coverage is shown once a list was made under “Programmes and targets”.', toLists: 'Make a list', chosen: 'Chosen: {what}', clear: 'Clear',
    high: '80 % and more', middle: '40 to 80 %', low: 'under 40 %', unknown: 'none listed', legend: 'Legend', counted: 'Subjects counted', left: '{n} left',
  },
)
