// Package money reads and writes amounts: whole numbers of a currency's smallest unit, of which a pound has 100 and a
// dinar 1000. It is pure: no rates, no ledger, no language.
package money

import (
	"errors"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// A Currency is what an amount is of.
type Currency struct {
	Code     string // ISO 4217
	Exponent int    // its decimals: EGP 2, KWD 3
}

// Max is the largest amount that can be typed, in minor units; a slip of the finger is far above it.
const Max = 1_000_000_000_000

var (
	// ErrEmpty says that nothing was typed.
	ErrEmpty = errors.New("money: empty")
	// ErrNotNumber says that it is no amount: words, an exponent ("1e9"), another currency, groups that are none.
	ErrNotNumber = errors.New("money: not an amount")
	// ErrNegative says that it is less than nothing.
	ErrNegative = errors.New("money: negative")
	// ErrAmbiguous says that its one mark could part thousands or decimals: "1.500" pounds, "1,500" dinars.
	ErrAmbiguous = errors.New("money: thousands or decimals")
	// ErrTooPrecise says that it has more decimals than the currency.
	ErrTooPrecise = errors.New("money: too many decimals")
	// ErrTooLarge says that it is above Max.
	ErrTooLarge = errors.New("money: too large")
)

// Parse reads an amount as people type it, in digits of any script, with or without the currency's code around it, and
// returns it in minor units. Of the marks in it:
//
//   - "٫" parts decimals and "٬" thousands, whatever else is there.
//   - Spaces part thousands.
//   - Of dot and comma, where both stand, the last one parts decimals: "1,500.50", "1.500,50".
//   - One that stands more than once parts thousands: "1,500,000".
//   - A dot that stands alone parts decimals. With three digits behind it, where the currency has fewer, it may have been
//     meant for thousands: ErrAmbiguous.
//   - A comma that stands alone parts thousands with three digits behind it, unless the currency has three decimals
//     (ErrAmbiguous), and decimals with fewer.
//
// Thousands stand in groups of three; what does not is refused rather than guessed.
func Parse(text string, currency Currency) (minor int64, err error) {
	typed := normal(text)
	typed = strings.TrimSpace(trimCode(typed, currency.Code))
	switch {
	case typed == "":
		return 0, ErrEmpty
	case strings.HasPrefix(typed, "-") || strings.HasSuffix(typed, "-"): // among right-to-left text it is often last
		if _, err := Parse(strings.Trim(typed, "-"), currency); err != nil {
			return 0, ErrNotNumber
		}
		return 0, ErrNegative
	}
	whole, decimals, err := split(typed, currency.Exponent)
	if err != nil {
		return 0, err
	}
	return count(whole, decimals, currency.Exponent)
}

// normal brings digits and marks of all scripts to a few: 0-9, '.', ',', '-', ' ', and '٫' and '٬', which mean one thing
// only.
func normal(text string) string {
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '،' || r == '，':
			return ','
		case r == '٫' || r == '٬':
			return r
		case r == '−' || unicode.Is(unicode.Pd, r):
			return '-'
		case unicode.IsSpace(r):
			return ' '
		case unicode.Is(unicode.Cf, r):
			return -1
		}
		if value, ok := digit(r); ok {
			return value
		}
		return unicode.ToUpper(r)
	}, norm.NFKC.String(text)))
}

// digit returns the ASCII form of an Arabic-Indic, Persian or plain digit. NFKC has made plain those of full width.
func digit(r rune) (rune, bool) {
	for _, zero := range []rune{'0', '٠', '۰'} {
		if r >= zero && r <= zero+9 {
			return '0' + r - zero, true
		}
	}
	return 0, false
}

// trimCode takes the currency's own code off either end.
func trimCode(typed, code string) string {
	if bare, ok := strings.CutPrefix(typed, code); ok {
		return bare
	}
	return strings.TrimSuffix(typed, code)
}

// split parts an amount into its digits before and behind the decimal mark.
func split(typed string, exponent int) (whole, decimals string, err error) {
	mark, err := decimalMark(typed, exponent)
	if err != nil {
		return "", "", err
	}
	whole = typed
	if mark != "" {
		at := strings.LastIndex(typed, mark)
		whole, decimals = typed[:at], typed[at+len(mark):]
		if decimals == "" || !onlyDigits(decimals) {
			return "", "", ErrNotNumber
		}
	}
	whole, err = ungroup(whole)
	return whole, decimals, err
}

// decimalMark says which mark parts decimals; empty when none does.
func decimalMark(typed string, exponent int) (string, error) {
	dots, commas := strings.Count(typed, "."), strings.Count(typed, ",")
	switch {
	case strings.Contains(typed, "٫"):
		return "٫", nil
	case strings.Contains(typed, "٬"):
		return strings.Repeat(".", min(dots, 1)), nil
	case dots > 0 && commas > 0:
		if strings.LastIndex(typed, ".") > strings.LastIndex(typed, ",") {
			return ".", nil
		}
		return ",", nil
	case dots+commas != 1:
		return "", nil
	case dots == 1:
		if inThousands(typed, ".") && exponent < 3 {
			return "", ErrAmbiguous
		}
		return ".", nil
	case !inThousands(typed, ","):
		return ",", nil
	case exponent >= 3:
		return "", ErrAmbiguous
	}
	return "", nil
}

// inThousands says whether what stands around a mark could be thousands: one to three digits, not beginning with zero,
// and three.
func inThousands(typed, mark string) bool {
	before, behind, _ := strings.Cut(typed, mark)
	before = strings.ReplaceAll(before, " ", "")
	return len(behind) == 3 && onlyDigits(behind) && len(before) <= 3 && onlyDigits(before) && before != "" && before[0] != '0'
}

// ungroup takes the marks of thousands out, which must all be of one kind and part groups of three.
func ungroup(whole string) (string, error) {
	marks := strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, whole)
	if marks == "" {
		if whole == "" {
			return "", ErrNotNumber
		}
		return whole, nil
	}
	mark := []rune(marks)[0]
	if !strings.ContainsRune(" .,٬", mark) {
		return "", ErrNotNumber
	}
	groups := strings.Split(whole, string(mark))
	for i, group := range groups {
		if !onlyDigits(group) || len(group) > 3 || group == "" || i > 0 && len(group) != 3 {
			return "", ErrNotNumber
		}
	}
	return strings.Join(groups, ""), nil
}

func onlyDigits(text string) bool {
	return strings.Trim(text, "0123456789") == ""
}

// count turns digits into minor units.
func count(whole, decimals string, exponent int) (int64, error) {
	if len(decimals) > exponent {
		if strings.Trim(decimals[exponent:], "0") != "" {
			return 0, ErrTooPrecise
		}
		decimals = decimals[:exponent]
	}
	digits := strings.TrimLeft(whole+decimals+strings.Repeat("0", exponent-len(decimals)), "0")
	if digits == "" {
		return 0, nil
	}
	minor, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || minor > Max {
		return 0, ErrTooLarge
	}
	return minor, nil
}

// Format writes an amount with its currency, thousands parted by commas: "1,500.50 EGP", "500 EGP", "12.500 KWD". Whole
// amounts go without decimals.
func Format(minor int64, currency Currency) string {
	return Digits(minor, currency.Exponent) + " " + currency.Code
}

// Digits is Format without the currency.
func Digits(minor int64, exponent int) string {
	sign := ""
	digits := strconv.FormatInt(minor, 10)
	if bare, negative := strings.CutPrefix(digits, "-"); negative {
		sign, digits = "-", bare
	}
	if missing := exponent + 1 - len(digits); missing > 0 {
		digits = strings.Repeat("0", missing) + digits
	}
	whole, decimals := digits[:len(digits)-exponent], digits[len(digits)-exponent:]
	for at := len(whole) - 3; at > 0; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if strings.Trim(decimals, "0") == "" {
		return sign + whole
	}
	return sign + whole + "." + decimals
}
