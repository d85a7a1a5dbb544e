package registry

import "strings"

// The words of ages and dates, English and Arabic as it is written in Egypt and around. The tables are folded,
// so each word stands here once however it is spelt with hamza, taa marbuta or diacritics.

// fractions are set apart before folding, which would glue "2½" to "21/2".
var fractions = strings.NewReplacer("½", " half ", "¼", " quarter ")

// unit is a length of time in whole months or whole days, whichever it has.
type unit struct{ months, days int }

var (
	year  = unit{months: 12}
	month = unit{months: 1}
	week  = unit{days: 7}
	day   = unit{days: 1}
)

// units are the words that follow a number.
var units = foldKeys(map[unit]string{
	year:  "y yr yrs year years yo سنة سنين سنوات سنوت عام أعوام عاما س",
	month: "m mo mos mth mths month months شهر شهور أشهر شهرا ش",
	week:  "w wk wks week weeks أسبوع أسابيع أسبوعا",
	day:   "d day days يوم أيام يوما",
})

// lonely are the words that mean one, or two, of a unit without a number: Arabic has no article and has a dual.
var lonely = foldKeys(map[amount]string{
	{1, year}:  "سنة عام",
	{1, month}: "شهر",
	{1, week}:  "أسبوع",
	{1, day}:   "يوم",
	{2, year}:  "سنتين سنتان عامين عامان",
	{2, month}: "شهرين شهران",
	{2, week}:  "أسبوعين أسبوعان",
	{2, day}:   "يومين يومان",
})

type amount struct {
	count int
	unit  unit
}

// singular are the units before which English may leave out "one": "year and a half".
var singular = foldKeys(map[unit]string{year: "year", month: "month", week: "week"})

var numberWords = foldKeys(map[int]string{
	1:  "a an one واحد واحدة",
	2:  "two اثنين اتنين اثنان اثنتين",
	3:  "three ثلاث ثلاثة تلات تلاتة",
	4:  "four أربع أربعة",
	5:  "five خمس خمسة",
	6:  "six ست ستة",
	7:  "seven سبع سبعة",
	8:  "eight ثمان ثماني ثمانية تمن تمان تماني تمانية",
	9:  "nine تسع تسعة",
	10: "ten عشر عشرة",
	11: "eleven حداشر احداشر",
	12: "twelve اتناشر اطناشر",
	13: "thirteen تلتاشر",
	14: "fourteen اربعتاشر",
	15: "fifteen خمستاشر",
	16: "sixteen ستاشر",
	17: "seventeen سبعتاشر",
	18: "eighteen تمنتاشر",
	19: "nineteen تسعتاشر",
	20: "twenty عشرين",
})

// parts are fractions, in quarters.
var parts = foldKeys(map[int]string{2: "half نص نصف", 1: "quarter ربع"})

var andWords = wordSet("and و & + ,")

// monthNames are numbered from 1; the Levantine names of two words stand with one space.
var monthNames = monthTable(
	"january jan يناير جانفي/كانون الثاني",
	"february feb فبراير شباط",
	"march mar مارس اذار",
	"april apr أبريل إبريل نيسان",
	"may مايو أيار",
	"june jun يونيو يونيه حزيران",
	"july jul يوليو يوليه تموز",
	"august aug أغسطس آب",
	"september sep sept سبتمبر أيلول",
	"october oct أكتوبر/تشرين الأول/تشرين الاول",
	"november nov نوفمبر/تشرين الثاني",
	"december dec ديسمبر/كانون الأول",
)

var (
	ordinals  = wordSet("st nd rd th of")
	dateMarks = wordSet(", - / .")
)

// calendarWords come before a number of the calendar, not after an amount.
var calendarWords = foldKeys(map[string]string{"year": "year سنة عام", "month": "month شهر"})

// dayWords are days named by a word, in days before today.
var dayWords = foldKeys(map[int]string{0: "today النهارده اليوم", 1: "yesterday امبارح أمس"})

var (
	aboutWords  = wordSet("about around approx approximately almost nearly roughly circa maybe حوالي تقريبا نحو يمكن")
	fillerWords = wordSet("born birthday dob in on since age aged old ago is she he it عمره عمرها عمر سنها من منذ مولود مولودة مواليد ولد ولدت عنده عندها في")
)

var unknownWords = phraseSet(
	"unknown", "not known", "unsure", "not sure", "no idea", "dont know", "don't know", "do not know",
	"i don't know", "i dont know", "idk", "n/a",
	"مش معروف", "غير معروف", "معروفش", "مش عارف", "مش عارفة", "معرفش", "لا أعرف", "لا أعلم", "لا اعرفه", "ما بعرف", "مجهول",
)

// foldKeys turns a table of word lists by meaning into one of meanings by word.
func foldKeys[M comparable](meanings map[M]string) map[string]M {
	table := make(map[string]M)
	for meaning, words := range meanings {
		for word := range strings.FieldsSeq(words) {
			table[fold(word)] = meaning
		}
	}
	return table
}

func wordSet(words string) map[string]bool { return phraseSet(strings.Fields(words)...) }

func phraseSet(phrases ...string) map[string]bool {
	set := make(map[string]bool, len(phrases))
	for _, phrase := range phrases {
		set[fold(phrase)] = true
	}
	return set
}

// monthTable reads one row a month: words apart by spaces, then names of two words, each after a slash.
func monthTable(rows ...string) map[string]int {
	table := make(map[string]int)
	for i, row := range rows {
		words, phrases, _ := strings.Cut(row, "/")
		for word := range strings.FieldsSeq(words) {
			table[fold(word)] = i + 1
		}
		for phrase := range strings.SplitSeq(phrases, "/") {
			if phrase != "" {
				table[fold(phrase)] = i + 1
			}
		}
	}
	return table
}
