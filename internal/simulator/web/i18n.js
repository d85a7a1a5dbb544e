// The words of the phones themselves, as Telegram has them; what the bot says comes from the bot.

const en = {
  menu: 'Menu', message: 'Message', send: 'Send', attach: 'Attach', more: 'More', bot: 'bot', typing: 'typing…',
  sendingPhoto: 'sending a photo…', sendingFile: 'sending a file…', start: 'START', edited: 'edited', you: 'You',
  showKeyboard: 'Show bot keyboard', hideKeyboard: 'Hide bot keyboard', keyboard: 'Bot keyboard', buttons: 'Message buttons',
  commands: 'Commands', chat: 'Conversation', messageBox: 'Message text',
  myContact: 'My phone number', contact: 'Contact', photo: 'Sample photo', photoFile: 'Photo from this computer',
  file: 'Sample file', fileDisk: 'File from this computer', sticker: 'Sticker', voice: 'Voice message',
  shareTitle: 'Share your phone number?', shareText: 'The bot will learn your phone number. This can be useful for integration with other services.',
  share: 'Share contact', cancel: 'Cancel', ok: 'OK', firstName: 'First name', lastName: 'Last name (optional)',
  phoneNumber: 'Phone number', sendContact: 'Send a contact', chooseSticker: 'Choose a sticker',
  block: 'Stop and block bot', unblock: 'Unblock', blocked: 'You blocked this bot', restart: 'RESTART BOT',
  openOn: 'Open on…', openOnText: 'A link to the bot. Whose phone opens it?', thisPhone: 'this phone', copyLink: 'Copy link', copied: 'Copied',
  copyText: 'Copy text', remove: 'Delete', edit: 'Edit', editing: 'Edit message', download: 'Download', play: 'Play', spoiler: 'Hidden text', expand: 'Show more',
  newMessages: 'Go to the newest message', whatCan: 'What can this bot do?', noMessages: 'No messages here yet',
  sayHello: 'Press the button below to say hello', opensLink: 'opens a link', copiesText: 'copies a text', failed: 'That did not work',
  clock: 'Demo clock', hour: '+1 h', hourOn: '+1 h: move the clock one hour on', day: '+1 day', dayOn: '+1 day: move the clock one day on',
  live: 'Live', connecting: 'Connecting…', otherLanguage: 'العربية', rung: 'Phones with new messages',
  themeAuto: 'Theme: as the system', themeLight: 'Theme: light', themeDark: 'Theme: dark',
};

const ar = {
  menu: 'القائمة', message: 'رسالة', send: 'إرسال', attach: 'إرفاق', more: 'المزيد', bot: 'بوت', typing: 'يكتب…',
  sendingPhoto: 'يرسل صورة…', sendingFile: 'يرسل ملفًا…', start: 'ابدأ', edited: 'مُعدّلة', you: 'أنت',
  showKeyboard: 'إظهار أزرار البوت', hideKeyboard: 'إخفاء أزرار البوت', keyboard: 'أزرار البوت', buttons: 'أزرار الرسالة',
  commands: 'الأوامر', chat: 'المحادثة', messageBox: 'نص الرسالة',
  myContact: 'رقم هاتفي', contact: 'جهة اتصال', photo: 'صورة نموذجية', photoFile: 'صورة من هذا الجهاز',
  file: 'ملف نموذجي', fileDisk: 'ملف من هذا الجهاز', sticker: 'ملصق', voice: 'رسالة صوتية',
  shareTitle: 'مشاركة رقم هاتفك؟', shareText: 'سيعرف البوت رقم هاتفك. قد يفيد ذلك في الربط مع خدمات أخرى.',
  share: 'مشاركة', cancel: 'إلغاء', ok: 'حسنًا', firstName: 'الاسم الأول', lastName: 'اسم العائلة (اختياري)',
  phoneNumber: 'رقم الهاتف', sendContact: 'إرسال جهة اتصال', chooseSticker: 'اختر ملصقًا',
  block: 'إيقاف البوت وحظره', unblock: 'إلغاء الحظر', blocked: 'لقد حظرت هذا البوت', restart: 'إعادة تشغيل البوت',
  openOn: 'الفتح على…', openOnText: 'رابط إلى البوت. على أي هاتف يُفتح؟', thisPhone: 'هذا الهاتف', copyLink: 'نسخ الرابط', copied: 'تم النسخ',
  copyText: 'نسخ النص', remove: 'حذف', edit: 'تعديل', editing: 'تعديل الرسالة', download: 'تنزيل', play: 'تشغيل', spoiler: 'نص مخفي', expand: 'عرض المزيد',
  newMessages: 'إلى أحدث رسالة', whatCan: 'ماذا يستطيع هذا البوت؟', noMessages: 'لا توجد رسائل بعد',
  sayHello: 'اضغط الزر أدناه لبدء المحادثة', opensLink: 'يفتح رابطًا', copiesText: 'ينسخ نصًا', failed: 'لم ينجح ذلك',
  clock: 'ساعة العرض', hour: '+1 ساعة', hourOn: '+1 ساعة: تقديم الساعة ساعة واحدة', day: '+1 يوم', dayOn: '+1 يوم: تقديم الساعة يومًا واحدًا',
  live: 'متصل', connecting: 'جارٍ الاتصال…', otherLanguage: 'English', rung: 'هواتف وصلتها رسائل جديدة',
  themeAuto: 'المظهر: كالنظام', themeLight: 'المظهر: فاتح', themeDark: 'المظهر: داكن',
};

/** words gives the texts of a phone in its person's language. */
export const words = (language) => (language?.startsWith('ar') ? ar : en);

/** Latin digits in both languages, as phone numbers and codes in the chat have them. */
const locale = (language) => (language?.startsWith('ar') ? 'ar-EG-u-nu-latn' : 'en-GB');

/** calendar formats moments in the page's time zone. */
export function calendar(language, zone) {
  const format = (options) => new Intl.DateTimeFormat(locale(language), { timeZone: zone, ...options });
  const time = format({ hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  const day = format({ day: 'numeric', month: 'long' });
  const dayYear = format({ day: 'numeric', month: 'long', year: 'numeric' });
  const key = new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return {
    time: (moment) => time.format(moment),
    key: (moment) => key.format(moment),
    day(moment, now) {
      const sameYear = key.format(moment).slice(0, 4) === key.format(now).slice(0, 4);
      return (sameYear ? day : dayYear).format(moment);
    },
    clock: format({ weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }),
  };
}

/** fileSize is short and exact enough for a chat bubble. */
export function fileSize(bytes) {
  if (bytes < 1024) return `${bytes} B`;
  if (bytes < 1024 * 1024) return `${(bytes / 1024).toFixed(1)} KB`;
  return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
}
