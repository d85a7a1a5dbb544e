package reference

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"vetalyze/internal/arabic"
)

// fold makes words comparable however they were typed: case, accents, hamza and taa marbuta, vowel signs, the article,
// invisible marks and extra space do not count.
func fold(typed string) string {
	// Arabic letters first: their marks are part of them where decomposed.
	text := strings.Map(arabic.Alike, norm.NFKC.String(strings.ToLower(typed)))
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
