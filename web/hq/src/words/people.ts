import { both } from '../../../shared/words'

export const people = both(
  {
    search: '姓名、用户名或手机号', role: '角色', anyRole: '全部角色', showClosed: '含已停用', add: '登记人员', register: '登记', import: '导入人员', shown: '已显示 {n} 人', all: '共 {n} 人', comma: '、',
    name: '姓名', username: '用户名', unit: '单位', roles: '角色', rank: '职务', phone: '手机号', state: '状态', closed: '已停用', mustChange: '一次性密码未改', hasPassword: '密码登录', noPassword: '仅扫码或登记码',
    comesBy: '首次登录方式', byPin: '扫码或登记码（手机）', byPassword: '一次性密码（电脑）', pinTitle: '{name} 的登记码', passwordTitle: '{name} 的一次性密码', qr: '登记二维码', pin: '登记码', pinHow: '用手机扫码、打开链接，或在登录页输入登记码：', link: '登记链接', copy: '复制', copied: '已复制', copyByHand: '已选中，请按 Ctrl+C 复制', pinUntil: '{at} 前有效，只能用一次。', passwordHow: '首次登录时须改为自己的密码。', oneTimePassword: '一次性密码', once: '! 关闭后不再显示，请当面交给本人。', noted: '已交本人',
    access: '登录', newPin: '新的登记码', resetPassword: '重置密码', move: '调动', toUnit: '调往单位', fromDay: '自', moveNow: '调动', moved: '已调动', saved: '已保存', closeAccount: '停用账号', closeSure: '确认停用账号', closedNow: '已停用，所有设备已退出', reopen: '恢复账号', reopened: '已恢复', closedAt: '{at} 停用',
    devices: '设备', noDevices: '没有登录过的设备。', version: '版本 {v}', revoked: '{at} 已停用', lastSeen: '最后联系 {at}', holders: '使用人：{names}', left: '还有 {records} 条记录、{photos} 张照片未上传（{at} 报告）', revoke: '停用设备', handOver: '移交他人', revokeNow: '确认停用', handOverNow: '确认移交', heir: '接收人',
    revokeHow: '设备上的登录立即失效；未上传的记录仍可凭原账号补交。', handOverHow: '原使用人在此设备上的登录立即失效，接收人用新的登记码登记。', leftWarning: '这台设备还有 {records} 条记录、{photos} 张照片未上传，请先补传。',
  },
  {
    search: 'Name, user name or phone', role: 'Role', anyRole: 'Any role', showClosed: 'Closed, too', add: 'New person', register: 'Register', import: 'Import people', shown: '{n} shown', all: 'People: {n}', comma: ', ',
    name: 'Name', username: 'User name', unit: 'Unit', roles: 'Roles', rank: 'Rank', phone: 'Phone', state: 'State', closed: 'closed', mustChange: 'one-time password not changed', hasPassword: 'by password', noPassword: 'QR or enrolment code only',
    comesBy: 'First sign-in', byPin: 'QR or enrolment code (phone)', byPassword: 'One-time password (desk)', pinTitle: 'Enrolment code of {name}', passwordTitle: 'One-time password of {name}', qr: 'Enrolment QR code', pin: 'Enrolment code', pinHow: 'Scan it with the phone, open the link, or type the code at sign-in:', link: 'Enrolment link', copy: 'Copy', copied: 'Copied', copyByHand: 'Selected: press Ctrl+C to copy', pinUntil: 'Good once, until {at}.', passwordHow: 'It must be changed at the first sign-in.', oneTimePassword: 'One-time password', once: '! Not shown again: hand it over in person.', noted: 'Handed over',
    access: 'Sign-in', newPin: 'New enrolment code', resetPassword: 'Reset password', move: 'Move', toUnit: 'To unit', fromDay: 'From', moveNow: 'Move', moved: 'Moved', saved: 'Saved', closeAccount: 'Close account', closeSure: 'Really close it', closedNow: 'Closed; signed out everywhere', reopen: 'Reopen account', reopened: 'Reopened', closedAt: 'closed {at}',
    devices: 'Devices', noDevices: 'Never signed in on a device.', version: 'version {v}', revoked: 'cut off {at}', lastSeen: 'Last contact {at}', holders: 'Held by {names}', left: 'Not uploaded: records {records}, photos {photos} (reported {at})', revoke: 'Cut off', handOver: 'Hand over', revokeNow: 'Cut off now', handOverNow: 'Hand over now', heir: 'To',
    revokeHow: 'Sign-ins on it end at once; what it holds can still be handed in by its person.', handOverHow: 'Sign-ins on it end at once; the other person enrols it by a new code.', leftWarning: 'Still on it: records {records}, photos {photos}. Have them uploaded first.',
  },
)
