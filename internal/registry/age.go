package registry

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Age is how old a pet is on a day, in whole calendar years, months and days, one on top of the other.
type Age struct {
	Years  int
	Months int // 0-11; always 0 for a birthday of which only the year is known
	Days   int // 0-30; only where the day is known or estimated
	// TotalDays counts the days since birth where the day is known or estimated: the young are told in weeks.
	TotalDays int
	// Approximate says that the true age may differ by months: the birthday is an estimate or just a year.
	Approximate bool
}

// Age returns how old the pet is on the civil date today, and false if the birthday is unknown. A birthday
// after today, as a clock set back can make it, gives the age of a newborn.
func (b Birth) Age(today time.Time) (Age, bool) {
	today = civil(today.Date())
	age := Age{Approximate: b.Precision == PrecisionEstimate || b.Precision == PrecisionYear}
	if !b.Known() || b.Date.After(today) {
		return age, b.Known()
	}
	months := (today.Year()-b.Date.Year())*12 + int(today.Month()-b.Date.Month())
	if addMonths(b.Date, months).After(today) {
		months--
	}
	age.Years = months / 12
	switch b.Precision {
	case PrecisionYear:
		age.Years = today.Year() - b.Date.Year()
	case PrecisionMonth:
		age.Months = months % 12
	default:
		age.Months = months % 12
		age.Days = daysBetween(addMonths(b.Date, months), today)
		age.TotalDays = daysBetween(b.Date, today)
	}
	return age, true
}

// addMonths moves a date by months and, where the month has no such day, stops at its last one:
// a month before 31 March is 28 February, not 3 March.
func addMonths(date time.Time, months int) time.Time {
	first := civil(date.Year(), date.Month()+time.Month(months), 1)
	return civil(first.Year(), first.Month(), min(date.Day(), daysIn(first.Year(), int(first.Month()))))
}

// daysBetween counts days between two civil dates; both stand at midnight UTC, where every day has 24 hours.
func daysBetween(from, to time.Time) int { return int((to.Unix() - from.Unix()) / (24 * 60 * 60)) }

// agePiece matches a number, a word, or a mark between them.
var agePiece = regexp.MustCompile(`\d+(?:[.,]\d{1,3})?|\p{L}+|[^\s]`)

// yearsOld are spellings whose marks would tear them apart.
var yearsOld = strings.NewReplacer("y/o", "yo", "y.o.", "yo", "y.o", "yo")

// split cuts folded words into numbers, words and marks; an Arabic "and", written together with the word
// after it, becomes a piece of its own.
func split(words string) []string {
	var pieces []string
	for _, piece := range agePiece.FindAllString(yearsOld.Replace(words), -1) {
		if rest, ok := strings.CutPrefix(piece, "و"); ok && rest != "" && !speaksOfAge(piece) && speaksOfAge(rest) {
			pieces = append(pieces, "و")
			piece = rest
		}
		pieces = append(pieces, piece)
	}
	return pieces
}

func speaksOfAge(word string) bool {
	_, isUnit := units[word]
	_, isLonely := lonely[word]
	return isUnit || isLonely || numberWords[word] != 0 || parts[word] != 0
}

func isNumber(piece string) bool { return piece[0] >= '0' && piece[0] <= '9' }

// ageReader reads an age piece by piece; its sums are in thousandths, as decimals are read to three places.
type ageReader struct {
	pieces []string
	at     int
	months int
	days   int
}

// maxCount is above every count that could pass, so that reading more digits is of no use.
const maxCount = 1_000_000

// readAge reads one or more measures: "2 years 3 months", "سنة ونص".
func readAge(words string, today time.Time) (Birth, Reason) {
	r := ageReader{pieces: slices.DeleteFunc(split(words), func(piece string) bool { return fillerWords[piece] })}
	for first := true; r.at < len(r.pieces); first = false {
		if !first {
			r.skipAnd()
		}
		if !r.measure() {
			return Birth{}, ReasonNotUnderstood
		}
	}
	if len(r.pieces) == 0 {
		return Birth{}, ReasonNotUnderstood
	}
	months, days := r.total()
	if months > 12*(MaxAgeYears+1) || days > 366*(MaxAgeYears+1) {
		return Birth{}, ReasonTooLongAgo
	}
	date := addMonths(today, -months).AddDate(0, 0, -days)
	return within(Birth{date, PrecisionEstimate}, today)
}

// total rounds to whole months and days; a part of a month is a part of 30 days.
func (r *ageReader) total() (months, days int) {
	months = r.months / 1000
	return months, (r.days + r.months%1000*30 + 500) / 1000
}

func (r *ageReader) add(thousandths int, of unit) {
	r.months += thousandths * of.months
	r.days += thousandths * of.days
}

func (r *ageReader) peek() string {
	if r.at < len(r.pieces) {
		return r.pieces[r.at]
	}
	return ""
}

func (r *ageReader) skipAnd() {
	for andWords[r.peek()] {
		r.at++
	}
}

// measure reads one amount of one unit: "2 years", "a year and a half", "half a year", "سنتين", "سنة واحدة".
func (r *ageReader) measure() bool {
	piece := r.peek()
	if quarters := parts[piece]; quarters != 0 {
		r.at++
		return r.of(quarters * 250)
	}
	if told, ok := lonely[piece]; ok {
		r.at++
		if told.count == 1 && numberWords[r.peek()] == 1 && r.peek() != "a" && r.peek() != "an" {
			r.at++
		}
		r.add(told.count*1000, told.unit)
		r.andPart(told.unit)
		return true
	}
	if one, ok := singular[piece]; ok { // "year and a half", but no bare "year": pets are called Sunday, too
		r.at++
		r.add(1000, one)
		return r.andPart(one)
	}
	count, ok := r.count()
	if !ok {
		return false
	}
	if r.andPartBeforeUnit() {
		count += 500
	}
	return r.of(count)
}

// count reads a number, in digits or as a word, in thousandths.
func (r *ageReader) count() (thousandths int, ok bool) {
	piece := r.peek()
	if piece == "" {
		return 0, false
	}
	if word := numberWords[piece]; word != 0 {
		r.at++
		return word * 1000, true
	}
	if !isNumber(piece) {
		return 0, false
	}
	r.at++
	whole, decimals, _ := strings.Cut(strings.ReplaceAll(piece, ",", "."), ".")
	number, err := strconv.Atoi(whole)
	if err != nil || number > maxCount {
		number = maxCount
	}
	return number*1000 + atoi((decimals + "000")[:3]), true
}

// of reads the unit that was counted, with "a" or a hyphen before it and "and a half" after it.
func (r *ageReader) of(thousandths int) bool {
	if p := r.peek(); p == "a" || p == "an" || p == "-" {
		r.at++
	}
	counted, ok := units[r.peek()]
	if !ok {
		return false
	}
	r.at++
	if p := r.peek(); p == "." || p == "-" { // "2 yrs.", "2-year-old"
		r.at++
	}
	r.add(thousandths, counted)
	r.andPart(counted)
	return true
}

// andPart reads "and a half" when it speaks of the unit just read and not of the next one ("and half a month").
func (r *ageReader) andPart(of unit) bool {
	start := r.at
	r.skipAnd()
	if p := r.peek(); p == "a" || p == "an" {
		r.at++
	}
	quarters := parts[r.peek()]
	if quarters == 0 || r.at == start {
		r.at = start
		return false
	}
	r.at++
	next := r.peek()
	if _, counted := units[next]; counted || next == "a" || next == "an" {
		r.at = start
		return false
	}
	r.add(quarters*250, of)
	return true
}

// andPartBeforeUnit reads the middle of "2 and a half years".
func (r *ageReader) andPartBeforeUnit() bool {
	start := r.at
	r.skipAnd()
	if r.peek() == "a" {
		r.at++
	}
	if parts[r.peek()] != 2 {
		r.at = start
		return false
	}
	r.at++
	return true
}
