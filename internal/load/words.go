package load

import (
	"math/rand/v2"
	"sort"
	"strings"
)

// A word is a name in both scripts, in each as people write it, the usual way first.
type word struct {
	arabic string
	latin  []string
}

// wordOf reads a line of the lists: Arabic, with _ for a space within it, then Latin, other spellings after a bar.
func wordOf(line string) word {
	arabic, latin, _ := strings.Cut(line, " ")
	return word{arabic: strings.ReplaceAll(arabic, "_", " "), latin: strings.Split(latin, "|")}
}

// write returns the word as somebody typed it.
func (w word) write(rng *rand.Rand, arabic bool) string {
	if arabic {
		if chance(rng, 15) {
			return hasty.Replace(w.arabic)
		}
		return w.arabic
	}
	if chance(rng, 75) {
		return w.latin[0]
	}
	return w.latin[rng.IntN(len(w.latin))]
}

// hasty is how Arabic is typed by who does not look for the hamza.
var hasty = strings.NewReplacer("أ", "ا", "إ", "ا", "آ", "ا", "ى", "ي", "ة", "ه", "ئ", "ي", "ؤ", "و")

// A pool is words of which the earlier are drawn more often, about as names are spread in a country: the n-th one n-th as
// often as the first.
type pool struct {
	words []word
	reach []float64 // up to where the draws of a word reach, rising
}

func newPool(lines []string) pool {
	p := pool{words: make([]word, len(lines)), reach: make([]float64, len(lines))}
	total := 0.0
	for i, line := range lines {
		total += 1 / float64(i+2)
		p.words[i], p.reach[i] = wordOf(line), total
	}
	return p
}

func (p pool) draw(rng *rand.Rand) word {
	drawn := rng.Float64() * p.reach[len(p.reach)-1]
	return p.words[sort.SearchFloat64s(p.reach, drawn)]
}

// any draws a word, each as often as the others.
func (p pool) any(rng *rand.Rand) word { return p.words[rng.IntN(len(p.words))] }

// chance is true in so many of a hundred draws.
func chance(rng *rand.Rand, percent int) bool { return rng.IntN(100) < percent }

// one picks by shares: the index of a share, in proportion to it.
func one(rng *rand.Rand, shares ...int) int {
	total := 0
	for _, share := range shares {
		total += share
	}
	drawn := rng.IntN(total)
	for i, share := range shares {
		if drawn -= share; drawn < 0 {
			return i
		}
	}
	return len(shares) - 1 // not reached
}
