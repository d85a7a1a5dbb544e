package registry

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// MaxAgeYears is the greatest age taken as typed on purpose. Parrots and tortoises pass a hundred years; the few
// tortoises known to be older live in zoos, and a birthday before 1900 is the mistake it looks like.
const MaxAgeYears = 120

// Precision is how much of a birthday is known.
type Precision string

// The precisions. A date known by its month or year stands on the first day of it.
const (
	PrecisionUnknown  Precision = ""
	PrecisionDay      Precision = "day"
	PrecisionMonth    Precision = "month"
	PrecisionYear     Precision = "year"
	PrecisionEstimate Precision = "estimate" // counted back from an age that was told
)

// Birth is a pet's birthday as far as it is known. The zero Birth is an unknown one.
type Birth struct {
	Date      time.Time // midnight UTC; zero when unknown
	Precision Precision
}

// Known reports whether anything is known.
func (b Birth) Known() bool { return b.Precision != PrecisionUnknown }

// String writes the birthday so that [ParseBirth] reads the same again: 2021-03-12, 2021-03, 2021,
// ~2021-03-12 for an estimate, and "?".
func (b Birth) String() string {
	switch b.Precision {
	case PrecisionDay:
		return b.Date.Format(time.DateOnly)
	case PrecisionMonth:
		return b.Date.Format("2006-01")
	case PrecisionYear:
		return b.Date.Format("2006")
	case PrecisionEstimate:
		return "~" + b.Date.Format(time.DateOnly)
	}
	return "?"
}

// numericDate matches 12/3/2021, 2021-03-12, 3/2021, 12.3.21 and the like, in folded text.
var numericDate = regexp.MustCompile(`^(\d{1,4}) ?([ /.\\-]) ?(\d{1,4})(?: ?[ /.\\-] ?(\d{1,4}))?$`)

// ParseBirth reads a birthday or an age in English or Arabic, on the civil date today (midnight UTC). Of a date the
// day comes first, or the year: 12/3/2021, 2021-03-12, 12 March 2021, 3/2021, 2021. An age is counted back
// from today and is an estimate: 2y, 6 months, 3w, 2 years 3 months, سنة ونص, شهرين. "Unknown" in a few ways
// gives a Birth that is not known.
func ParseBirth(text string, today time.Time) (Birth, error) {
	typed, ok := clean(text)
	if !ok {
		return Birth{}, Invalid{FieldBirth, ReasonUnreadable}
	}
	birth, reason := readBirth(typed, civil(today.Date()))
	if reason != "" {
		return Birth{}, Invalid{FieldBirth, reason}
	}
	return birth, nil
}

func readBirth(typed string, today time.Time) (Birth, Reason) {
	if typed == "" {
		return Birth{}, ReasonEmpty
	}
	folded := fold(fractions.Replace(typed))
	if isUnknown(folded) {
		return Birth{}, ""
	}
	words, about := dropFillers(folded)
	birth, reason := readDate(words, today)
	if reason == ReasonNotUnderstood {
		birth, reason = readAge(words, today)
	}
	if about && birth.Precision == PrecisionDay {
		birth.Precision = PrecisionEstimate
	}
	return birth, reason
}

// isUnknown reports whether the words say that nobody knows.
func isUnknown(folded string) bool {
	if strings.Trim(folded, "? ") == "" {
		return true
	}
	return unknownWords[strings.Trim(folded, ".!? ")]
}

// dropFillers takes away the words around a date or an age that change nothing ("born in", "old"), and tells
// whether some of them said "about".
func dropFillers(folded string) (words string, about bool) {
	rest, about := strings.CutPrefix(folded, "~")
	kept := slices.DeleteFunc(strings.Fields(rest), func(word string) bool {
		word = strings.Trim(word, "().,:;!")
		about = about || aboutWords[word]
		return word == "" || aboutWords[word] || fillerWords[word]
	})
	return strings.Join(kept, " "), about
}

// readDate reads a calendar date, or a day named by a word.
func readDate(words string, today time.Time) (Birth, Reason) {
	words = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Pd, r) || r == '−' {
			return '-'
		}
		return r
	}, words)
	if days, ok := dayWords[words]; ok {
		return within(Birth{today.AddDate(0, 0, -days), PrecisionDay}, today)
	}
	if parts := numericDate.FindStringSubmatch(words); parts != nil {
		return readNumericDate(parts[1], parts[3], parts[4], parts[2], today)
	}
	if number, err := strconv.Atoi(words); err == nil && words[0] >= '0' && words[0] <= '9' {
		switch {
		case len(words) == 4:
			return yearOf(number, today)
		case len(words) < 4:
			return Birth{}, ReasonNoUnit
		}
		return Birth{}, ReasonNotUnderstood
	}
	return readNamedMonth(words, today)
}

// readNumericDate reads two or three numbers; the third is empty where there are two.
func readNumericDate(first, second, third, separator string, today time.Time) (Birth, Reason) {
	a, b, c := atoi(first), atoi(second), atoi(third)
	switch {
	case third == "" && len(first) == 4 && len(second) <= 2:
		return monthOf(a, b, today)
	case third == "" && len(first) <= 2 && len(second) == 4:
		return monthOf(b, a, today)
	case third == "" && len(first) <= 2 && len(second) <= 2:
		return readShortDate(a, b, len(second) == 2, separator, today)
	case third == "":
		return Birth{}, ReasonNotUnderstood
	case len(first) == 4 && len(second) <= 2 && len(third) <= 2:
		return dayOf(a, b, c, today)
	case len(first) <= 2 && len(second) <= 2 && len(third) == 4:
		return dayOf(c, b, a, today)
	case len(first) <= 2 && len(second) <= 2 && len(third) == 2:
		return dayOf(fullYear(c, today), b, a, today)
	}
	return Birth{}, ReasonNotUnderstood
}

// readShortDate reads two short numbers: 12/3 lacks its year, 3/21 is March 2021, 31/2 is nothing at all.
func readShortDate(a, b int, mayBeYear bool, separator string, today time.Time) (Birth, Reason) {
	const leapYear = 2000
	switch {
	case separator == "." || separator == " ": // 1.5 is rather an age than a date
		return Birth{}, ReasonNoUnit
	case b >= 1 && b <= 12 && a >= 1 && a <= daysIn(leapYear, b):
		return Birth{}, ReasonNoYear
	case a >= 1 && a <= 12 && b > 12 && mayBeYear:
		return monthOf(fullYear(b, today), a, today)
	}
	return Birth{}, ReasonImpossible
}

// readNamedMonth reads a date whose month is written as a word, or that names its year or month as such.
func readNamedMonth(words string, today time.Time) (Birth, Reason) {
	pieces := split(words)
	if len(pieces) > 1 && isNumber(pieces[1]) && calendarWords[pieces[0]] != "" {
		return readCalendarWord(calendarWords[pieces[0]], pieces[1:], today)
	}
	if len(pieces) > 1 && calendarWords[pieces[0]] == "month" { // شهر مارس
		pieces = pieces[1:]
	}
	named, numbers := 0, []string(nil)
	for len(pieces) > 0 {
		month, width := monthAt(pieces)
		switch piece := pieces[0]; {
		case isNumber(piece):
			numbers = append(numbers, piece)
		case month != 0 && named == 0:
			named = month
		case ordinals[piece] && len(numbers) > 0, dateMarks[piece]:
		default:
			return Birth{}, ReasonNotUnderstood
		}
		pieces = pieces[width:]
	}
	if named == 0 {
		return Birth{}, ReasonNotUnderstood
	}
	return readDayAndYear(named, numbers, today)
}

// monthAt returns the month the pieces begin with, 0 for none, and how many pieces to go on by.
func monthAt(pieces []string) (month, width int) {
	if len(pieces) > 1 {
		if month := monthNames[pieces[0]+" "+pieces[1]]; month != 0 {
			return month, 2
		}
	}
	return monthNames[pieces[0]], 1
}

func readDayAndYear(month int, numbers []string, today time.Time) (Birth, Reason) {
	switch {
	case len(numbers) == 0, len(numbers) == 1 && len(numbers[0]) <= 2:
		return Birth{}, ReasonNoYear
	case len(numbers) == 1 && len(numbers[0]) == 4:
		return monthOf(atoi(numbers[0]), month, today)
	case len(numbers) != 2:
		return Birth{}, ReasonNotUnderstood
	}
	day, year := numbers[0], numbers[1]
	if len(day) == 4 {
		day, year = year, day
	}
	switch {
	case len(day) <= 2 && len(year) == 4:
		return dayOf(atoi(year), month, atoi(day), today)
	case len(day) <= 2 && len(year) == 2:
		return dayOf(fullYear(atoi(year), today), month, atoi(day), today)
	}
	return Birth{}, ReasonNotUnderstood
}

// readCalendarWord reads "year 2021" and "month 3 2021", which without the word would be ages.
func readCalendarWord(unit string, numbers []string, today time.Time) (Birth, Reason) {
	numbers = slices.DeleteFunc(slices.Clone(numbers), func(piece string) bool { return dateMarks[piece] })
	switch {
	case unit == "year" && len(numbers) == 1 && isNumber(numbers[0]) && len(numbers[0]) == 4:
		return yearOf(atoi(numbers[0]), today)
	case unit == "month" && len(numbers) == 2 && isNumber(numbers[0]) && isNumber(numbers[1]) &&
		len(numbers[0]) <= 2 && len(numbers[1]) == 4:
		return monthOf(atoi(numbers[1]), atoi(numbers[0]), today)
	}
	return Birth{}, ReasonNotUnderstood
}

func yearOf(year int, today time.Time) (Birth, Reason) {
	return within(Birth{civil(year, time.January, 1), PrecisionYear}, today)
}

func monthOf(year, month int, today time.Time) (Birth, Reason) {
	if month < 1 || month > 12 {
		return Birth{}, ReasonImpossible
	}
	return within(Birth{civil(year, time.Month(month), 1), PrecisionMonth}, today)
}

func dayOf(year, month, day int, today time.Time) (Birth, Reason) {
	if month < 1 || month > 12 || day < 1 || day > daysIn(year, month) {
		return Birth{}, ReasonImpossible
	}
	return within(Birth{civil(year, time.Month(month), day), PrecisionDay}, today)
}

// within refuses a birthday still to come and one that no living animal has.
func within(birth Birth, today time.Time) (Birth, Reason) {
	switch {
	case birth.Date.After(today):
		return Birth{}, ReasonFuture
	case birth.Date.Before(addMonths(today, -12*MaxAgeYears)):
		return Birth{}, ReasonTooLongAgo
	}
	return birth, ""
}

// fullYear reads a year of two digits: of this century up to twenty years ahead (which will be refused as the
// future, not taken for a century ago), else of the last.
func fullYear(year int, today time.Time) int {
	century := today.Year() - today.Year()%100
	if century+year > today.Year()+20 {
		return century - 100 + year
	}
	return century + year
}

func daysIn(year, month int) int { return civil(year, time.Month(month)+1, 0).Day() }

func civil(year int, month time.Month, day int) time.Time {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
}

// atoi reads digits that a pattern has matched, few enough to fit.
func atoi(digits string) int {
	number, _ := strconv.Atoi(digits)
	return number
}
