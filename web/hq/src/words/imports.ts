import { both } from '../../../shared/words'

export const imports = both(
  {
    file: 'Excel 或 CSV 文件', rehearse: '先试导入', carryOut: '确认导入', rehearsed: '这是试导入的结果，还没有写入。', done: '已导入。', line: '行', name: '名称', outcome: '结果', reason: '说明', onlyProblems: '只看有问题的行', ignored: '没有读取的列：{names}', monthOf: '{name} {month}',
    outcomes: { accepted: '新增', written: '写入', merged: '合并', refused: '退回', opened: '新增', amended: '修改', unchanged: '不变', suspected: '疑似重复' },
    template: '第一行（或前几行）是表头，列名按办公室自己的叫法即可识别。',
  },
  {
    file: 'Excel or CSV file', rehearse: 'Try first', carryOut: 'Import', rehearsed: 'This is a trial: nothing has been written yet.', done: 'Imported.', line: 'Line', name: 'Name', outcome: 'Outcome', reason: 'Why', onlyProblems: 'Only rows with problems', ignored: 'Columns that are not read: {names}', monthOf: '{name} {month}',
    outcomes: { accepted: 'new', written: 'written', merged: 'merged', refused: 'refused', opened: 'new', amended: 'amended', unchanged: 'unchanged', suspected: 'suspected' },
    template: 'Headings may be the office’s own; they are recognised.',
  },
)
