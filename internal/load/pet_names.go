package load

// What pets are called, the most frequent first: in Arabic, then in Latin letters.

var petNames = []string{
	"لوسي Lucy", "ماكس Max", "سيمبا Simba", "لولو Lulu|Loulou", "ريكس Rex", "ميمي Mimi", "بيلا Bella", "روكي Rocky|Rocki",
	"كوكو Coco|Koko", "سكر Sukkar|Sokar", "مشمش Mishmish|Meshmesh", "لونا Luna", "لاكي Lucky", "أوريو Oreo", "بندق Bondok|Bunduq",
	"ليو Leo", "سنو Snow", "زيوس Zeus", "كيتي Kitty", "توتي Toti|Tuti", "بسبس Basbous|Besbes", "فلفل Felfel|Filfil",
	"شيري Cherry", "دودي Dodi|Dody", "سمسم Semsem|Simsim", "عنتر Antar", "بوبي Bobby|Bobi", "نينو Nino", "مولي Molly",
	"تشارلي Charlie", "لولي Loly|Lolli", "كراميل Caramel", "نوتيلا Nutella", "ريو Rio", "أوسكار Oscar", "ميلو Milo",
	"كليو Cleo", "فيروز Fayrouz", "قطقوط Katkout", "زيزي Zizi", "بطوطة Battouta", "شادو Shadow", "تايجر Tiger", "ونجز Wings",
	"كيوي Kiwi", "بيبر Pepper", "جينجر Ginger", "سنجوب Sangoub", "أرنوب Arnoub", "فستق Fostok|Fustuq", "كنزي Kenzy", "نيمو Nemo",
	"توم Tom", "جيري Jerry", "هاني Honey", "دايزي Daisy", "روز Rose", "بلاك Black", "وايت White", "سيزر Caesar", "برق Barq",
	"رعد Raad", "نجمة Negma", "قمر Amar|Qamar", "ياقوت Yakout", "لؤلؤ Loaloa", "زمرد Zomorrod", "ملوخية Molokhia", "كشري Koshary",
	"بسبوسة Basbousa", "كنافة Konafa|Kunafa", "طحينة Tahina", "زيتون Zeitoun", "خوخ Khokh", "تفاحة Toffaha", "موزة Moza",
	"بطاطا Batata", "جزر Gazar", "قرفة Erfa|Qerfa", "لوز Loz|Louz", "كاجو Cashew", "موكا Mocha", "لاتيه Latte", "إسبريسو Espresso",
	"شيخ_العرب Sheikh El-Arab", "أبو_الهول Abou El-Hol", "كليوباترا Cleopatra", "نفرتيتي Nefertiti", "رمسيس Ramses", "أنوبيس Anubis",
	"هرقل Hercules", "أطلس Atlas", "أبولو Apollo", "فينوس Venus", "جوبيتر Jupiter", "إعصار Eaasar", "صاروخ Sarokh", "شبح Shabah",
}

// An animal is a species as clinics in Egypt see it: its English name in the lists of reference, of a thousand patients
// how many, the years it may have lived, the most it weighs, and the breeds people name.
type animal struct {
	species  string
	share    int
	oldest   int // years
	heaviest int // grams
	breeds   []string
}

var animals = []animal{
	{"Cat", 480, 17, 7_000, []string{"شيرازي Shirazi", "بلدي Baladi", "سيامي Siamese", "فارسي Persian", "هيمالايا Himalayan", "Scottish Fold سكوتش فولد", "بنغال Bengal"}},
	{"Dog", 380, 15, 45_000, []string{"جيرمن_شيبرد German Shepherd", "بلدي Baladi", "جولدن_ريتريفر Golden Retriever", "جريفون Griffon", "هاسكي Husky", "بيتبول Pit Bull", "روت_وايلر Rottweiler", "لابرادور Labrador", "بكينيز Pekingese", "مالتيز Maltese"}},
	{"Bird", 40, 9, 150, []string{"كناري Canary", "بادجي Budgie", "كوكاتيل Cockatiel", "طائر_الحب Lovebird"}},
	{"Parrot", 25, 40, 1_100, []string{"كاسكو African Grey", "مكاو Macaw", "كوكاتو Cockatoo"}},
	{"Turtle", 18, 40, 6_000, nil},
	{"Rabbit", 15, 9, 4_000, nil},
	{"Horse", 12, 25, 550_000, []string{"عربي_أصيل Arabian", "بلدي Baladi"}},
	{"Hamster", 10, 2, 160, nil},
	{"Donkey", 5, 30, 220_000, nil},
	{"Goat", 5, 12, 70_000, nil},
	{"Sheep", 4, 10, 90_000, nil},
	{"Fish", 2, 6, 400, nil},
	{"Monkey", 2, 20, 6_000, nil},
	{"Hedgehog", 2, 5, 900, nil},
}

var colours = []string{
	"أبيض White", "أسود Black", "رمادي Grey", "بني Brown", "مشمشي Ginger", "أبيض_وأسود Black and white", "كريمي Cream", "مخطط Tabby",
	"ذهبي Golden", "ثلاثي_الألوان Tricolour",
}

var alerts = []string{
	"حساسية_من_البنسلين Allergic to penicillin", "يعض_عند_الخوف Bites when afraid", "مريض_سكر Diabetic", "صرع Epileptic",
	"حساسية_من_الدجاج Chicken allergy", "قلب_ضعيف Heart murmur: mind the anaesthetic",
}

var notes = []string{
	"يفضل_الاتصال_مساءً Prefers calls in the evening", "عميل_قديم Has been with us for years", "يدفع_نقدًا Pays in cash",
	"يحتاج_توصيل Needs home visits", "من_طرف_دكتور_سامح Referred by Dr Sameh", "يرد_على_واتساب_فقط Answers on WhatsApp only",
}
