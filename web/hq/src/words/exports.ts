import { both } from '../../../shared/words'

export const exports = both(
  {
    form: '导出什么', filters: '筛选', noFilters: '全部记录', ask: '开始导出', contacts: '显示完整联系方式或导出原图的理由（会记录）', asked: '申请', by: '申请人', state: '状态', rows: '行数', files: '文件', expires: '保留至', discard: '删除文件',
    bom: 'CSV 带 Excel 标记', pictures: '照片版本', stamped: '带水印', original: '原图', proof: '每次导出都附 manifest.json：行数、行号校验和与每个文件的 SHA-256。',
    states: { queued: '排队', running: '进行中 {done}/{all}', succeeded: '完成', failed: '失败', expired: '已过期', discarded: '已删除' },
    forms: { visits_xlsx: '走访台账 Excel', visits_csv: '走访台账 CSV', visits_geojson: '走访点位 GeoJSON', visit_photos_zip: '走访照片 ZIP', checkins_xlsx: '签到台账 Excel', checkins_csv: '签到台账 CSV', checkins_geojson: '签到点位 GeoJSON', problems_xlsx: '问题台账 Excel', problems_csv: '问题台账 CSV', projects_xlsx: '重点项目进展表 Excel', projects_csv: '重点项目进展表 CSV', targets_xlsx: '目标完成情况表 Excel', targets_csv: '目标完成情况表 CSV' },
  },
  {
    form: 'What', filters: 'Filters', noFilters: 'all records', ask: 'Export', contacts: 'Why contacts are shown whole or originals handed out (it is logged)', asked: 'Asked', by: 'By', state: 'State', rows: 'Rows', files: 'Files', expires: 'Kept until', discard: 'Delete files',
    bom: 'CSV with Excel’s mark', pictures: 'Pictures', stamped: 'stamped', original: 'originals', proof: 'Each export brings manifest.json: number of rows, a checksum of their ids, and SHA-256 of each file.',
    states: { queued: 'queued', running: 'running {done}/{all}', succeeded: 'done', failed: 'failed', expired: 'expired', discarded: 'deleted' },
    forms: { visits_xlsx: 'Visits, Excel', visits_csv: 'Visits, CSV', visits_geojson: 'Visits, GeoJSON', visit_photos_zip: 'Photos of visits, ZIP', checkins_xlsx: 'Check-ins, Excel', checkins_csv: 'Check-ins, CSV', checkins_geojson: 'Check-ins, GeoJSON', problems_xlsx: 'Ledger of problems, Excel', problems_csv: 'Ledger of problems, CSV', projects_xlsx: 'Progress of projects, Excel', projects_csv: 'Progress of projects, CSV', targets_xlsx: 'Targets, Excel', targets_csv: 'Targets, CSV' },
  },
)
