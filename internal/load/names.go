package load

// The names Egyptians have, the most frequent first: in Arabic, then as people write them in Latin letters.
// Arabic pairs and Latin spellings are what a search has to bring together, or keep apart.

var maleNames = []string{
	"محمد Mohamed|Mohammed|Muhammad", "أحمد Ahmed|Ahmad", "علي Ali|Aly", "محمود Mahmoud|Mahmud", "مصطفى Mostafa|Mustafa",
	"إبراهيم Ibrahim|Ebrahim", "حسن Hassan|Hasan", "خالد Khaled|Khalid", "عمر Omar|Omer", "يوسف Youssef|Yousef|Yusuf",
	"كريم Karim|Kareem", "حسين Hussein|Hossein", "طارق Tarek|Tariq", "عمرو Amr", "شريف Sherif|Sharif",
	"أسامة Osama|Usama", "هشام Hesham|Hisham", "وليد Walid|Waleed", "سامح Sameh", "أيمن Ayman",
	"ياسر Yasser|Yaser", "رامي Ramy|Rami", "عبدالله Abdallah|Abdullah", "عبد_الرحمن Abdelrahman|Abdel Rahman",
	"إسلام Islam|Eslam", "تامر Tamer", "هاني Hany|Hani", "سيد Sayed|Said", "سعيد Saeed|Said", "جمال Gamal|Jamal",
	"مينا Mina", "جرجس Gerges|Girgis", "مايكل Michael", "أشرف Ashraf", "عماد Emad|Imad", "عادل Adel|Adil",
	"فتحي Fathy|Fathi", "رضا Reda|Rida", "صلاح Salah", "ماجد Maged|Majid", "نبيل Nabil|Nabeel", "سمير Samir|Sameer",
	"فؤاد Fouad|Fuad", "إيهاب Ehab|Ihab", "حازم Hazem", "زياد Ziad|Zeyad", "آدم Adam", "ياسين Yassin|Yaseen",
	"مروان Marwan", "سيف Seif|Saif", "بلال Belal|Bilal", "أنس Anas", "حمزة Hamza", "مؤمن Moamen|Momen",
	"عبد_العزيز Abdelaziz|Abdel Aziz", "عبد_الحميد Abdelhamid", "ناصر Nasser|Naser", "فادي Fady|Fadi", "بيتر Peter",
	"جورج George", "مرقس Markos", "كيرلس Kerolos|Kyrillos", "باسم Bassem|Basem", "لؤي Loay|Louay", "رائد Raed",
	"ثروت Tharwat", "صبري Sabry|Sabri", "شوقي Shawky|Shawki", "لطفي Lotfy|Lotfi", "عزت Ezzat|Izzat", "رأفت Raafat",
	"مدحت Medhat", "طلعت Talaat", "نادر Nader", "وائل Wael", "هيثم Haitham|Haytham", "معتز Moataz|Mutaz", "أكرم Akram",
	"غريب Gharib", "خليل Khalil", "يحيى Yahia|Yehia", "زكريا Zakaria", "عيسى Eissa|Issa", "موسى Moussa|Musa",
	"نوح Nouh|Noah", "إدريس Idris", "شادي Shady|Shadi", "أمير Amir|Ameer", "منير Mounir|Monir", "عصام Essam|Issam",
}

var femaleNames = []string{
	"فاطمة Fatma|Fatima", "منى Mona|Muna", "سارة Sara|Sarah", "مريم Mariam|Maryam", "نورهان Nourhan|Norhan", "آية Aya",
	"إيمان Eman|Iman", "هبة Heba|Hiba", "دينا Dina", "ياسمين Yasmin|Yasmine", "نور Nour|Noor", "ندى Nada", "سلمى Salma",
	"رانيا Rania", "داليا Dalia", "شيماء Shaimaa|Shimaa", "أسماء Asmaa|Asma", "إسراء Esraa|Israa", "هدى Hoda|Huda",
	"ليلى Laila|Layla", "ريهام Reham|Riham", "مروة Marwa", "نهى Noha|Nuha", "أميرة Amira|Ameera", "حبيبة Habiba",
	"جنى Jana|Gana", "فريدة Farida", "هنا Hana|Hanna", "ملك Malak", "روان Rawan", "نادية Nadia", "سهير Soheir|Suhair",
	"عزة Azza", "زينب Zeinab|Zainab", "خديجة Khadija", "عائشة Aisha|Aesha", "أمل Amal", "سماح Samah", "غادة Ghada",
	"مها Maha", "لمياء Lamia|Lamiaa", "ماريان Marian|Marianne", "مارينا Marina", "كريستين Christine", "ميرنا Mirna",
	"يارا Yara", "لينا Lina", "تسنيم Tasneem|Tasnim", "رحمة Rahma", "بسمة Basma", "نسرين Nesreen|Nisrine", "رشا Rasha",
	"وفاء Wafaa", "صفاء Safaa", "سعاد Soad|Suad", "كوثر Kawthar", "إلهام Elham|Ilham", "جيهان Gehan|Jihan", "نجلاء Naglaa",
	"هالة Hala", "عبير Abeer|Abir", "سحر Sahar", "مي Mai|May", "لبنى Lobna|Lubna", "شهد Shahd", "رغد Raghad",
	"تقى Toqa|Tuqa", "مؤمنة Moamena", "ثناء Thanaa", "دعاء Doaa|Duaa",
}

var familyNames = []string{
	"السيد El-Sayed|Elsayed", "حسن Hassan|Hasan", "عبد_الله Abdallah|Abdullah", "إبراهيم Ibrahim", "منصور Mansour|Mansur",
	"المصري El-Masry|Elmasry", "الشريف El-Sherif|Elsherif", "سليمان Soliman|Suleiman", "عثمان Othman|Osman", "فاروق Farouk",
	"كامل Kamel", "صالح Saleh", "شاهين Shahin|Shaheen", "النجار El-Naggar|Elnaggar", "الحداد El-Haddad|Haddad",
	"عبد_الفتاح Abdelfattah", "رمضان Ramadan", "شعبان Shaaban", "خليفة Khalifa", "عطية Attia|Atteya", "غنيم Ghoneim|Ghonim",
	"البنا El-Banna|Elbanna", "الديب El-Deeb|Eldeeb", "عوض Awad", "بدوي Badawy|Badawi", "الجمل El-Gamal|Elgamal",
	"سالم Salem", "زكي Zaki|Zaky", "فوزي Fawzy|Fawzi", "حلمي Helmy|Helmi", "رزق Rizk|Rezk", "بطرس Boutros", "غالي Ghaly|Ghali",
	"صادق Sadek|Sadiq", "الطيب El-Tayeb|Eltayeb", "عبد_المجيد Abdelmeguid", "المنشاوي El-Menshawy|Menshawi",
	"الصاوي El-Sawy|Elsawy", "القاضي El-Kady|Elkady", "مراد Mourad|Murad", "يونس Younes|Younis", "هلال Helal|Hilal",
	"الشافعي El-Shafei|Elshafie", "بركات Barakat", "درويش Darwish", "حجازي Hegazy|Hegazi", "الغزالي El-Ghazaly",
	"عاشور Ashour", "نصر Nasr", "شحاتة Shehata", "متولي Metwally|Metwalli", "أبو_زيد Abouzeid|Abu Zeid",
	"أبو_العلا Aboul Ela|Abou El-Ela", "الفقي El-Feki|Elfeky", "عفيفي Afifi|Afify", "مرسي Morsy|Morsi", "قنديل Kandil|Qandil",
	"الخولي El-Kholy|Elkholy", "الدسوقي El-Desouky|Desouki", "حماد Hammad", "الرفاعي El-Refaie|Refaei", "شلبي Shalaby|Shalabi",
	"جاد Gad", "الليثي El-Leithy", "عبد_ربه Abdrabbo", "النحاس El-Nahas", "زهران Zahran", "فهمي Fahmy|Fahmi", "وهبة Wahba",
	"تادرس Tadros", "ميخائيل Mikhail", "سعد Saad", "أبو_النجا Aboulnaga", "الهواري El-Hawary", "السمان El-Samman",
	"البرعي El-Borai", "الزيات El-Zayat|Elzayat", "القليوبي El-Kalioubi", "الدمياطي El-Domiaty", "السويسي El-Sweisy",
	"الأسيوطي El-Assiouty", "الشاذلي El-Shazly", "البحيري El-Behairy", "عبد_الوارث Abdelwareth", "شنودة Shenouda",
	"حنفي Hanafy|Hanafi", "الملاح El-Mallah", "رستم Rostom", "طنطاوي Tantawy|Tantawi", "عرفة Arafa", "السباعي El-Sebaie",
	"الألفي El-Alfy", "مكاوي Mekkawy|Makkawi", "النمر El-Nemr", "صقر Sakr|Saqr", "القصبي El-Kasaby", "عجمي Agamy",
	"بكري Bakry|Bakri", "البلتاجي El-Beltagy", "كشك Keshk", "الطوخي El-Toukhy", "الشرقاوي El-Sharkawy", "سرور Sorour",
	"يعقوب Yacoub", "قطب Kotb|Qutb", "الحسيني El-Husseiny", "مهران Mahran", "الجندي El-Gendy|Elgendy", "لاشين Lasheen",
	"عبد_الجواد Abdelgawad", "أبو_السعود Abou El-Seoud", "الباز El-Baz|Elbaz", "مأمون Maamoun", "الكيلاني El-Kilany",
	"رياض Riad|Reyad", "المهدي El-Mahdy", "توفيق Tawfik|Tawfiq", "عزمي Azmy|Azmi", "حبيب Habib", "إسكندر Iskandar|Eskandar",
	"الزهيري El-Zoheiry", "بسيوني Bassiouny", "الشاعر El-Shaer", "نوفل Nofal", "خاطر Khater", "الوكيل El-Wakil",
	"دياب Diab|Deyab", "سويلم Sweilam", "هيكل Heikal", "الكردي El-Kordy", "أباظة Abaza", "ثابت Thabet", "غراب Ghorab",
}

// Where clinics are, and what they call themselves.

var districts = []string{
	"المعادي Maadi", "مدينة_نصر Nasr City", "الزمالك Zamalek", "الدقي Dokki", "المهندسين Mohandessin", "مصر_الجديدة Heliopolis",
	"شبرا Shubra", "حلوان Helwan", "الهرم Haram", "فيصل Faisal", "السادس_من_أكتوبر 6th of October", "الشيخ_زايد Sheikh Zayed",
	"التجمع_الخامس Fifth Settlement", "الرحاب Rehab", "مدينتي Madinaty", "العباسية Abbassia", "الإسكندرية Alexandria",
	"سموحة Smouha", "سيدي_جابر Sidi Gaber", "المنصورة Mansoura", "طنطا Tanta", "الزقازيق Zagazig", "دمياط Damietta",
	"بورسعيد Port Said", "الإسماعيلية Ismailia", "السويس Suez", "أسيوط Assiut", "سوهاج Sohag", "الأقصر Luxor", "أسوان Aswan",
	"الغردقة Hurghada", "المنيا Minya", "بني_سويف Beni Suef", "الفيوم Fayoum", "دمنهور Damanhour", "كفر_الشيخ Kafr El-Sheikh",
	"بنها Banha", "شبين_الكوم Shebin El-Kom", "المقطم Mokattam", "العجوزة Agouza",
}

var clinicNames = []string{
	"عيادة_الرفق Al Rifq Vet Clinic", "عيادة_النيل Nile Pet Clinic", "مستشفى_الأمل Hope Animal Hospital", "عيادة_الحياة Al Hayah Vet",
	"بيت_الحيوان Pet House", "عيادة_أليف Aleef Pet Care", "مركز_الرحمة Al Rahma Veterinary Center", "عيادة_الصداقة Best Friends Vet",
	"عيادة_المخلب Paws Clinic", "عيادة_الوفاء Al Wafaa Animal Clinic", "عيادة_الشروق Sunrise Vet", "عيادة_الأهرام Pyramids Vet",
	"عيادة_لوتس Lotus Pet Clinic", "عيادة_الواحة Oasis Animal Care", "عيادة_حورس Horus Vet Clinic", "عيادة_باستيت Bastet Cat Clinic",
}
