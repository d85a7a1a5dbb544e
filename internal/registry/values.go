package registry

import (
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// The lengths of what is written freely, in characters, and the heaviest animal, an elephant not among them.
const (
	MaxWords       = 100 // a breed, a colour
	MaxAlert       = 500
	MaxNote        = 2000
	MaxWeightGrams = 2_000_000
	chipDigits     = 15 // ISO 11784
)

// ParseBreed reads a breed, in one line.
func ParseBreed(text string) (string, error) { return parseWords(text, FieldBreed, MaxWords, clean) }

// ParseColour reads a colour, in one line.
func ParseColour(text string) (string, error) { return parseWords(text, FieldColour, MaxWords, clean) }

// ParseAlert reads an allergy or a warning; it keeps its lines.
func ParseAlert(text string) (string, error) {
	return parseWords(text, FieldAlert, MaxAlert, cleanLines)
}

// ParseNote reads a note on an owner or a pet; it keeps its lines.
func ParseNote(text string) (string, error) {
	return parseWords(text, FieldNote, MaxNote, cleanLines)
}

func parseWords(text string, field Field, longest int, clean func(string) (string, bool)) (string, error) {
	words, ok := clean(text)
	switch {
	case !ok:
		return "", Invalid{field, ReasonUnreadable}
	case words == "":
		return "", Invalid{field, ReasonEmpty}
	case utf8.RuneCountInString(words) > longest:
		return "", Invalid{field, ReasonTooLong}
	}
	return words, nil
}

// ParseMicrochip reads the fifteen digits of a chip, as scanners and passports write them: in groups, in digits of any
// script.
func ParseMicrochip(text string) (string, error) {
	typed, ok := clean(text)
	if !ok {
		return "", Invalid{FieldMicrochip, ReasonUnreadable}
	}
	chip := strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Zs, unicode.Pd) || r == '.' {
			return -1
		}
		return r
	}, fold(typed))
	switch {
	case chip == "":
		return "", Invalid{FieldMicrochip, ReasonEmpty}
	case strings.ContainsFunc(chip, func(r rune) bool { return r < '0' || r > '9' }):
		return "", Invalid{FieldMicrochip, ReasonNotNumber}
	case len(chip) < chipDigits:
		return "", Invalid{FieldMicrochip, ReasonTooShort}
	case len(chip) > chipDigits:
		return "", Invalid{FieldMicrochip, ReasonTooLong}
	}
	return chip, nil
}

// weight matches an amount and its unit in folded text; the unit may be left out.
var weight = regexp.MustCompile(`^(\d{1,9}(?:[.,]\d{1,6})?) ?(\p{L}*)\.?$`)

// weightUnits are the grams of a unit, as it is typed, folded. Without one, kilograms are meant.
var weightUnits = map[string]float64{
	"": 1000, "kg": 1000, "kgs": 1000, "kilo": 1000, "kilos": 1000, "kilogram": 1000, "kilograms": 1000,
	"كجم": 1000, "كغ": 1000, "كغم": 1000, "كج": 1000, "ك": 1000, "كيلو": 1000, "كيلوجرام": 1000, "كيلوغرام": 1000,
	"g": 1, "gr": 1, "gm": 1, "gram": 1, "grams": 1,
	"جم": 1, "غ": 1, "غم": 1, "ج": 1, "جرام": 1, "غرام": 1, "جرامات": 1,
}

// ParseWeight reads a weight in grams: 4.5, 4,5 kg, ٤٫٥ كجم, 850 g.
func ParseWeight(text string) (grams int, err error) {
	typed, ok := clean(text)
	if !ok {
		return 0, Invalid{FieldWeight, ReasonUnreadable}
	}
	if typed == "" {
		return 0, Invalid{FieldWeight, ReasonEmpty}
	}
	parts := weight.FindStringSubmatch(fold(typed))
	if parts == nil {
		return 0, Invalid{FieldWeight, ReasonNotUnderstood}
	}
	unit, known := weightUnits[parts[2]]
	amount, err := strconv.ParseFloat(strings.Replace(parts[1], ",", ".", 1), 64)
	if err != nil || !known {
		return 0, Invalid{FieldWeight, ReasonNotUnderstood}
	}
	switch exact := math.Round(amount * unit); {
	case exact < 1:
		return 0, Invalid{FieldWeight, ReasonTooLight}
	case exact > MaxWeightGrams:
		return 0, Invalid{FieldWeight, ReasonTooHeavy}
	default:
		return int(exact), nil
	}
}

// ParseDay reads a day that has been, up to today (midnight UTC): a date as [ParseBirth] reads one, today, yesterday.
func ParseDay(text string, today time.Time) (time.Time, error) {
	typed, ok := clean(text)
	if !ok {
		return time.Time{}, Invalid{FieldDay, ReasonUnreadable}
	}
	if typed == "" {
		return time.Time{}, Invalid{FieldDay, ReasonEmpty}
	}
	words, about := dropFillers(fold(typed))
	day, reason := readDate(words, civil(today.Date()))
	switch {
	case reason == ReasonNoUnit, reason == "" && (about || day.Precision != PrecisionDay):
		reason = ReasonNotUnderstood
	case reason == "":
		return day.Date, nil
	}
	return time.Time{}, Invalid{FieldDay, reason}
}

// dayOnly is ParseDay for a change: the day as ISO 8601 writes it.
func dayOnly(text string, today time.Time) (string, error) {
	day, err := ParseDay(text, today)
	if err != nil {
		return "", err
	}
	return day.Format(time.DateOnly), nil
}

// fileID is what Telegram's file ids are made of.
var fileID = regexp.MustCompile(`^[A-Za-z0-9_-]{1,400}$`)

func parseFileID(text string) (string, error) {
	if !fileID.MatchString(text) {
		return "", Invalid{FieldPhoto, ReasonNotUnderstood}
	}
	return text, nil
}

// parsed is a column's value after its parser.
func parsed(text string, err error) (*string, error) { return &text, err }

// cleared is a column's value after its parser, and empty where the field is to be cleared.
func cleared(text string, parse func(string) (string, error)) (*string, error) {
	if text == "" {
		return &text, nil
	}
	return parsed(parse(text))
}

// stored is a phone as [ParsePhone] returns it.
func stored(phone string) (*string, error) {
	if !storedPhone.MatchString(phone) {
		return nil, Invalid{FieldPhone, ReasonNotNumber}
	}
	return &phone, nil
}

// idOf is an id of reference data; 0 where the field is to be cleared.
func idOf(text string) (*int32, error) {
	var id int32
	if text != "" {
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil || n < 1 {
			return nil, ErrUnknownChoice
		}
		id = int32(n)
	}
	return &id, nil
}

// gramsOf is a weight in grams; 0 where the field is to be cleared.
func gramsOf(text string) (*int32, error) {
	var grams int32
	if text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > MaxWeightGrams {
			return nil, Invalid{FieldWeight, ReasonNotUnderstood}
		}
		grams = int32(n)
	}
	return &grams, nil
}

func oneOf(text string, words ...string) (*string, error) {
	if text != "" && !slices.Contains(words, text) {
		return nil, ErrUnknownChoice
	}
	return &text, nil
}
