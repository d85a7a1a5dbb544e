package reference

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// alike maps letters that are written for one another to one of them; -1 leaves one out.
func alike(letter rune) rune {
	switch letter {
	case 'أ', 'إ', 'آ', 'ٱ':
		return 'ا'
	case 'ى', 'ی', 'ئ':
		return 'ي'
	case 'ؤ':
		return 'و'
	case 'ة':
		return 'ه'
	case 'ک', 'گ':
		return 'ك'
	case 'ـ':
		return -1
	}
	return letter
}

// fold makes words comparable however they were typed: case, accents, hamza and taa marbuta, vowel signs, the article,
// invisible marks and extra space do not count.
func fold(typed string) string {
	// Arabic letters first: their marks are part of them where decomposed.
	text := strings.Map(alike, norm.NFKC.String(strings.ToLower(typed)))
	text = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Mn, unicode.Cf) {
			return -1
		}
		return r
	}, norm.NFD.String(text))
	words := strings.Fields(text)
	for i, word := range words {
		if bare, ok := strings.CutPrefix(word, "ال"); ok && len([]rune(bare)) > 1 {
			words[i] = bare
		}
	}
	return strings.Join(words, " ")
}
