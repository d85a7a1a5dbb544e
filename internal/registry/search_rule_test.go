package registry_test

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"vetalyze/internal/registry"
)

// This file is the rule of search as registry.Search tells it, by a plain scan over all owners, for the tests to hold the
// database to. It shares nothing with the migration.

// scanned is an owner as the scan sees one.
type scanned struct {
	id     int64
	code   string
	name   string
	phones []string
	lent   []string // phones of the cards that went into this one
	pets   []scannedPet
}

type scannedPet struct {
	code, name, chip string
}

// scanHit is what the scan finds.
type scanHit struct {
	ID    int64
	Match registry.Match
}

// scan looks at every owner and returns those whom the search should find, in the order in which it should.
func scan(owners []scanned, typed, callingCode string) []scanHit {
	words, code := typedWords(typed), ""
	if parsed, err := registry.ParseCode(typed); err == nil {
		code = parsed
	}
	var hits []scanHit
	for _, owner := range owners {
		if match, ok := owner.match(words, code, callingCode); ok {
			hits = append(hits, scanHit{owner.id, match})
		}
	}
	slices.SortFunc(hits, func(a, b scanHit) int { return cmp.Or(cmp.Compare(a.Match, b.Match), cmp.Compare(b.ID, a.ID)) })
	return hits
}

func (o scanned) names() [][]string {
	names := [][]string{keyWords(o.name)}
	for _, pet := range o.pets {
		names = append(names, keyWords(pet.name))
	}
	return names
}

func (o scanned) match(words []string, code, callingCode string) (registry.Match, bool) {
	hasCode := o.code == code || slices.ContainsFunc(o.pets, func(p scannedPet) bool { return p.code == code })
	if code != "" && hasCode {
		return registry.MatchCode, true
	}
	whole := strings.Join(words, "")
	found, alone := registry.MatchNear, false // worse than any
	for _, name := range o.names() {
		switch joined := strings.Join(name, ""); {
		case len(words) == 0 || len(name) == 0:
		case joined == whole:
			found = min(found, registry.MatchWhole)
		case strings.HasPrefix(joined, whole):
			found = min(found, registry.MatchStart)
		case beginsSome(name, whole):
			found = min(found, registry.MatchWords)
		}
	}
	all := len(words) > 0
	for _, word := range words {
		number := isNumber(word) && len(word) >= 3 && o.hasNumber(word, callingCode)
		alone = alone || number && len(words) == 1
		if !number && !slices.ContainsFunc(o.names(), func(name []string) bool { return beginsSome(name, bare(word)) }) {
			all = false
		}
	}
	if all {
		found = min(found, registry.MatchWords)
	}
	if alone {
		found = registry.MatchNumber
	}
	return found, found < registry.MatchNear
}

// beginsSome says whether a word begins the rest of a name from any of its words on, with or without what may stand
// before that.
func beginsSome(name []string, word string) bool {
	for i := range name {
		rest := strings.Join(name[i:], "")
		if strings.HasPrefix(rest, word) {
			return true
		}
		for _, front := range fronts {
			if left := utf8Len(name[i]) - utf8Len(front.text); strings.HasPrefix(name[i], front.text) && left >= front.least &&
				strings.HasPrefix(strings.TrimPrefix(rest, front.text), word) {
				return true
			}
		}
	}
	return false
}

// fronts may stand before a word, if at least so many letters are left of it.
var fronts = []struct {
	text  string
	least int
}{
	{"ال", 2},
	{"عبد", 2},
	{"عبدال", 2},
	{"el", 4},
	{"al", 4},
	{"abd", 3},
	{"abdel", 3},
	{"abdul", 3},
	{"abdal", 3},
}

func bare(word string) string {
	if left, ok := strings.CutPrefix(word, "ال"); ok && utf8Len(left) >= 2 {
		return left
	}
	return word
}

func (o scanned) hasNumber(digits, callingCode string) bool {
	for _, phone := range append(slices.Clone(o.phones), o.lent...) {
		number := strings.TrimPrefix(phone, "+")
		national, trunk := strings.CutPrefix(digits, "0")
		abroad, dialled := strings.CutPrefix(digits, "00")
		if strings.HasSuffix(number, digits) || strings.HasPrefix(number, digits) || strings.HasPrefix(number, callingCode+digits) ||
			trunk && strings.HasPrefix(number, callingCode+national) || dialled && strings.HasPrefix(number, abroad) {
			return true
		}
	}
	for _, pet := range o.pets {
		if pet.chip != "" && (strings.HasPrefix(pet.chip, digits) || strings.HasSuffix(pet.chip, digits)) {
			return true
		}
	}
	return false
}

var numberWord = regexp.MustCompile(`^[0-9]+$`)

func isNumber(word string) bool { return numberWord.MatchString(word) }

// typedWords are the words of what was typed, numbers apart from one another being one.
func typedWords(typed string) []string {
	var words []string
	for _, word := range keyWords(typed) {
		if last := len(words) - 1; last >= 0 && isNumber(word) && isNumber(words[last]) {
			words[last] += word
			continue
		}
		words = append(words, word)
	}
	return words
}

var sameLetters = strings.NewReplacer(
	"ٱ", "ا", "ى", "ي", "ی", "ي", "ة", "ه", "ک", "ك", "گ", "ك", "ڪ", "ك", "پ", "ب", "چ", "ج", "ڤ", "ف", "ø", "o", "ł", "l", "đ", "d", "ı", "i",
)

// keyWords are the words of a text as search sees them.
func keyWords(text string) []string {
	text = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Mn, unicode.Cf, unicode.Variation_Selector) || r == 'ـ' {
			return -1
		}
		if unicode.Is(unicode.Nd, r) {
			return rune(registry.Digits(string(r))[0])
		}
		return unicode.ToLower(r)
	}, norm.NFKD.String(text))
	return strings.FieldsFunc(sameLetters.Replace(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}

func utf8Len(text string) int { return len([]rune(text)) }
