import { both } from '../../../shared/words'

export const frame = both(
  {
    product: '千百',
    overview: '总览', units: '单位排名', coverage: '覆盖', sites: '驻点', projects: '项目', issues: '问题', photos: '照片', review: '审核',
    visits: '走访', checkins: '签到', reports: '通报', boards: '竞赛榜', exports: '导出', administration: '管理',
    people: '人员与设备', organisation: '单位', enterprises: '企业', programmes: '方案与目标', indicators: '指标填报', outboxes: '未上传', kept: '待处理原件', unmatched: '未匹配', inspections: '抽查', remarked: '提示误报率', privacy: '隐私',
    signIn: '登录', signOut: '退出', username: '用户名', password: '密码',
    newPassword: '新密码', ownPassword: '修改密码', oldPassword: '现在的密码', newPasswordAgain: '再输一次新密码', passwordsDiffer: '两次输入的新密码不一致', passwordHow: '修改后，您在其他设备上的登录会失效。', passwordChanged: '密码已修改，其他设备上的登录已失效。',
    forOffices: '这里是单位和总部的工作台，您的账号不在这里办理业务。', usePhone: '走访、签到和记录请用手机端。', phoneApp: '打开手机端', menuShort: '菜单', fromDay: '自', toDay: '至', colon: '：', comma: '、', semicolon: '；', aside: '（{text}）',
    changePassword: '请先修改一次性密码', save: '保存',
    language: 'EN', otherLanguage: 'Switch to English',
    menu: '主菜单', reload: '刷新', noRows: '没有记录', more: '更多', close: '关闭', done: '已完成', cancel: '取消', confirm: '确定',
    unreachable: '连不上服务器，请检查网络后重试。', notAllowed: '您的角色不能打开这一页。', notFound: '没有这一页。',
    print: '打印', loading: '正在读取…', allUnits: '全部单位', visit: '走访记录',
  },
  {
    product: 'Qianbai',
    overview: 'Overview', units: 'Unit ranking', coverage: 'Coverage', sites: 'Sites', projects: 'Projects', issues: 'Problems', photos: 'Photos', review: 'Review',
    visits: 'Visits', checkins: 'Check-ins', reports: 'Bulletins', boards: 'Boards', exports: 'Exports', administration: 'Administration',
    people: 'People and devices', organisation: 'Unit register', enterprises: 'Enterprises', programmes: 'Programmes and targets', indicators: 'Indicators', outboxes: 'Not uploaded', kept: 'Kept originals', unmatched: 'Unmatched', inspections: 'Inspections', remarked: 'False alarm rate', privacy: 'Privacy',
    signIn: 'Sign in', signOut: 'Sign out', username: 'User name', password: 'Password',
    newPassword: 'New password', ownPassword: 'Change password', oldPassword: 'Current password', newPasswordAgain: 'New password once more', passwordsDiffer: 'The two new passwords differ', passwordHow: 'Your sign-ins on other devices end.', passwordChanged: 'Password changed; your sign-ins on other devices have ended.',
    forOffices: 'This desk is for offices; your account does its work elsewhere.', usePhone: 'Record visits and check-ins in the phone app.', phoneApp: 'Open the phone app', menuShort: 'Menu', fromDay: 'From', toDay: 'To', colon: ': ', comma: ', ', semicolon: '; ', aside: ' ({text})',
    changePassword: 'Change your one-time password first', save: 'Save',
    language: '中文', otherLanguage: '切换到中文',
    menu: 'Main menu', reload: 'Reload', noRows: 'No records', more: 'More', close: 'Close', done: 'Done', cancel: 'Cancel', confirm: 'OK',
    unreachable: 'The server cannot be reached. Check the network and try again.', notAllowed: 'Your role may not open this page.', notFound: 'There is no such page.',
    print: 'Print', loading: 'Loading…', allUnits: 'All units', visit: 'Visit',
  },
)
