import { both } from '../../../shared/words'

/** What the figures of a bulletin are called: of what (`thousand`), and which (`counted`). */
export const facts = both(
  {
    of: { thousand: '千家', hundred: '百家', inspection: '抽查', trips: '外出招商', led: '领导带队', led_units: '带队外出单位', led_leaders: '带队领导', event: '活动', boards: '竞赛榜', board: '第 {n} 榜', issues: '问题' },
    name: {
      period: '期间', as_of: '截至日', programme: '方案名称', elapsed: '年度时间进度',
      counted: '累计已核家数', pending: '待审核家数', visits: '走访家次', rate: '工作目标完成率', gap: '与序时进度相比', needed_per_week: '每周需新增', baseline: '计划目标', working: '工作目标', striving: '奋斗目标', new: '本期新增', new_visits: '本期走访家次', leading_units: '同组首位单位', zero_units: '未破零单位', zero_units_count: '未破零单位数',
      draws: '抽查次数', population: '可抽走访记录', drawn: '抽取条数', drawn_share: '抽取比例', random: '随机抽取', weighted: '按疑点抽取', looked_at: '已核实', confirmed: '属实', confirmed_share: '属实比例', wrong: '不实', wrong_share: '不实比例', unreachable: '联系不上', unreachable_share: '联系不上比例', open: '待核实', open_share: '待核实比例', weighted_confirmed: '按疑点抽取而属实', false_positive_share: '误报率', wrong_units: '有不实记录的单位', wrong_units_count: '有不实记录的单位数', undrawn_units: '未抽中的单位', undrawn_units_count: '未抽中的单位数',
      trips: '次数', person_times: '人次', days: '在外天数', organisations: '拜访家数', projects: '洽谈项目', stayed: '未外出名单', stayed_count: '未外出数',
      name: '名称', held_on: '举办日期', prepares_on: '筹备开始', days_left: '还有天数', days_gone: '已过天数', lately: '近七日家次', new_thousand: '新增千家', new_hundred: '新增百家', outings: '外出招商次数', receptions: '接待来访次数', begun_units: '已开展单位', begun_units_count: '已开展单位数', idle_units: '尚未开展单位', idle_units_count: '尚未开展单位数',
      count: '项数', published: '发布日期', units: '单位数', ranked: '参加排名单位数', first: '各组首位', risen_count: '名次上升单位数', fallen_count: '名次下降单位数', zero: '各项为零单位', zero_count: '各项为零单位数', aside: '未参加排名单位', correction: '更正说明',
      raised: '反映件数', waiting: '待分办', called: '已分办', led: '牵头', report_due: '应报到', reported_in: '已报到', reported_in_time: '按时报到', response_rate: '响应率', resolved: '部门办结', resolved_in_time: '按期办结', solve_due: '应办结', closed: '确认销号', solution_rate: '解决率', first_try: '一次办结', first_try_rate: '一次办结率', satisfied: '满意', satisfaction_rate: '满意率', days_to_close: '平均办理天数', overdue: '逾期问题', overdue_departments: '有逾期问题的部门', overdue_departments_count: '有逾期问题的部门数', uncalled_departments: '未被吹哨的部门', uncalled_departments_count: '未被吹哨的部门数',
    },
    preview: '填入数字后', named: '本段的数字', insert: '插入数字', choose: '选择一个数字', unknown: '没有这个数字', how: '花括号里是数字的名字，数字取自系统，只能整个插入或删去，不能手改；右侧是填入数字后的样子。', into: '第 {n} 段',
  },
  {
    of: { thousand: 'Thousand', hundred: 'Hundred', inspection: 'Inspection', trips: 'Outings', led: 'Led by leaders', led_units: 'Units led out', led_leaders: 'Leaders', event: 'Event', boards: 'Boards', board: 'Board {n}', issues: 'Problems' },
    name: {
      period: 'period', as_of: 'as of', programme: 'programme', elapsed: 'time elapsed',
      counted: 'counted to date', pending: 'waiting for review', visits: 'visits', rate: 'share of the working target', gap: 'against the pace', needed_per_week: 'needed a week', baseline: 'baseline', working: 'working target', striving: 'striving target', new: 'new in the period', new_visits: 'visits of the period', leading_units: 'first of their groups', zero_units: 'units at zero', zero_units_count: 'number of units at zero',
      draws: 'draws', population: 'visits to draw from', drawn: 'drawn', drawn_share: 'share drawn', random: 'drawn by lot', weighted: 'drawn by suspicion', looked_at: 'verified', confirmed: 'confirmed', confirmed_share: 'share confirmed', wrong: 'wrong', wrong_share: 'share wrong', unreachable: 'unreachable', unreachable_share: 'share unreachable', open: 'open', open_share: 'share open', weighted_confirmed: 'suspected and confirmed', false_positive_share: 'false alarm rate', wrong_units: 'units with wrong records', wrong_units_count: 'number of units with wrong records', undrawn_units: 'units not drawn', undrawn_units_count: 'number of units not drawn',
      trips: 'trips', person_times: 'person-times', days: 'days away', organisations: 'organisations called on', projects: 'projects discussed', stayed: 'who stayed', stayed_count: 'number who stayed',
      name: 'name', held_on: 'held on', prepares_on: 'prepared from', days_left: 'days left', days_gone: 'days gone', lately: 'visits of the last seven days', new_thousand: 'new, thousand', new_hundred: 'new, hundred', outings: 'outings', receptions: 'receptions', begun_units: 'units that have begun', begun_units_count: 'number of units that have begun', idle_units: 'units yet to begin', idle_units_count: 'number of units yet to begin',
      count: 'number', published: 'published on', units: 'units', ranked: 'units ranked', first: 'first of each group', risen_count: 'units that rose', fallen_count: 'units that fell', zero: 'units at zero throughout', zero_count: 'number of units at zero throughout', aside: 'units not ranked', correction: 'correction',
      raised: 'raised', waiting: 'to be assigned', called: 'assigned', led: 'led', report_due: 'due to report in', reported_in: 'reported in', reported_in_time: 'reported in in time', response_rate: 'response rate', resolved: 'resolved', resolved_in_time: 'resolved in time', solve_due: 'due to be solved', closed: 'closed', solution_rate: 'solution rate', first_try: 'solved at the first try', first_try_rate: 'first-try rate', satisfied: 'satisfied', satisfaction_rate: 'satisfaction rate', days_to_close: 'mean days to close', overdue: 'overdue', overdue_departments: 'departments with overdue problems', overdue_departments_count: 'number of departments with overdue problems', uncalled_departments: 'departments not called', uncalled_departments_count: 'number of departments not called',
    },
    preview: 'With its figures', named: 'Figures of this part', insert: 'Insert a figure', choose: 'Choose a figure', unknown: 'no such figure', how: 'Braces hold the name of a figure. Figures come from the system: insert or delete them whole, they cannot be typed over. Beside each part stands how it reads.', into: 'Part {n}',
  },
)
