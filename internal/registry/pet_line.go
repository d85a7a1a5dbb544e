package registry

import (
	"errors"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Reader reads whole pets and owners from what is typed at one clinic on one day.
type Reader struct {
	// Country is the clinic's, as an ISO code.
	Country string
	// Species returns the species that the words name ("dog", "guinea pig", "كلب"), and whether they name one.
	Species func(words string) (speciesID int, ok bool)
	// Today is the civil date at the clinic, at midnight UTC.
	Today time.Time
}

// PetLine is what a line says of a pet. What it does not say is left for the form to ask.
type PetLine struct {
	Name      string
	SpeciesID int // 0: not said
	Birth     Birth
	BirthSaid bool // also where it was said to be unknown
	Unread    []Unread
}

// Unread is a part of a message that was not taken, and why: Why has the field the part was meant for, or FieldText.
type Unread struct {
	Text string
	Why  Invalid
}

const (
	maxPetLine      = 400 // characters: a name at its longest, a species and a birthday, and as much again
	maxSpeciesWords = 3
	maxBirthWords   = 8
)

// bullet matches what people put before the items of a list, alone in a word.
var bullet = regexp.MustCompile(`^(\d{1,2}[.)]|[-–—•*·/|:]+)$`)

// ReadPet reads one pet: "Rex dog 2y", "Rex, dog, 2 years", "dog Rex", "ريكس كلب سنتين", "Rex".
//
//	pet  = name [species] [birth] | name birth species | species name [birth] | birth
//
// A name is one word or more, apart by spaces or commas. The birthday is the longest ending that reads as one. The
// species is looked for before it: last, then after the first word, then first. Words after the species that are
// no birthday stay unread. A species alone is a name: there are cats called Bunny.
func (r Reader) ReadPet(line string) PetLine {
	text, ok := clean(line)
	if !ok {
		return PetLine{Unread: []Unread{{"", Invalid{FieldText, ReasonUnreadable}}}}
	}
	if utf8.RuneCountInString(text) > maxPetLine {
		return PetLine{Unread: []Unread{{text, Invalid{FieldPetName, ReasonTooLong}}}}
	}
	var pet PetLine
	words := petWords(text)
	words = r.takeBirth(words, &pet)
	words, rest := r.takeSpecies(words, &pet)
	if !pet.BirthSaid && len(pet.Unread) == 0 && len(words) > 1 && len(rest) == 0 && pet.SpeciesID != 0 {
		words = r.takeBirth(words, &pet) // "Rex 2y dog"
	}
	r.readRest(rest, &pet)
	if len(words) == 0 {
		return pet
	}
	name, err := ParsePetName(strings.Join(words, " "))
	if err != nil {
		pet.unread(words, invalidOf(err))
	}
	pet.Name = name
	return pet
}

func (p *PetLine) unread(words []string, why Invalid) {
	p.Unread = append(p.Unread, Unread{strings.Join(words, " "), why})
}

// petWords splits a line at spaces and commas and drops the bullets of lists.
func petWords(text string) []string {
	var words []string
	for _, part := range splitCommas(text) {
		for word := range strings.FieldsSeq(part) {
			if !bullet.MatchString(word) {
				words = append(words, word)
			}
		}
	}
	return words
}

// splitCommas splits at Latin and Arabic commas, except the one of "1,5 years".
func splitCommas(text string) []string {
	runes := []rune(text)
	var parts []string
	start := 0
	for i, r := range runes {
		if (r == ',' || r == '،') && !isDecimalComma(runes, i) {
			parts = append(parts, string(runes[start:i]))
			start = i + 1
		}
	}
	return append(parts, string(runes[start:]))
}

// isDecimalComma reports whether no more than two digits stand on either side of the comma, and one at least.
func isDecimalComma(runes []rune, comma int) bool {
	before, after := 0, 0
	for comma-before-1 >= 0 && unicode.IsDigit(runes[comma-before-1]) {
		before++
	}
	for comma+after+1 < len(runes) && unicode.IsDigit(runes[comma+after+1]) {
		after++
	}
	return before >= 1 && before <= 2 && after >= 1 && after <= 2
}

// takeBirth takes a birthday off the end of the words, a wrong one too.
func (r Reader) takeBirth(words []string, pet *PetLine) []string {
	for i := max(0, len(words)-maxBirthWords); i < len(words); i++ {
		birth, why, told := r.birth(words[i:])
		switch {
		case told && why.Reason == "":
			pet.Birth, pet.BirthSaid = birth, true
			return words[:i]
		case told && i > 0 && !mayBeName(why.Reason, words[i:]):
			pet.unread(words[i:], why)
			return words[:i]
		}
	}
	return words
}

// mayBeName keeps "Rex 2" and "Queen March" whole, which read as an age without its unit and a date without its year.
func mayBeName(reason Reason, words []string) bool {
	return reason == ReasonNoUnit || reason == ReasonNoYear && !hasDigit(strings.Join(words, ""))
}

// birth reads words as a birthday; told is false if they speak of something else.
func (r Reader) birth(words []string) (birth Birth, why Invalid, told bool) {
	birth, err := ParseBirth(strings.Trim(strings.Join(words, " "), "()[] "), r.Today)
	if err != nil {
		why = invalidOf(err)
	}
	return birth, why, why.Reason != ReasonNotUnderstood && why.Reason != ReasonEmpty
}

// takeSpecies takes the species out of the words, and with it the rest that follows it. At least one word stays.
func (r Reader) takeSpecies(words []string, pet *PetLine) (name, rest []string) {
	for size := min(maxSpeciesWords, len(words)-1); size > 0; size-- {
		if id, ok := r.species(words[len(words)-size:]); ok {
			pet.SpeciesID = id
			return words[:len(words)-size], nil
		}
	}
	for at := 1; at < len(words); at++ {
		if id, size := r.speciesAt(words, at); size > 0 {
			pet.SpeciesID = id
			return words[:at], words[at+size:]
		}
	}
	if id, size := r.speciesAt(words, 0); size > 0 && size < len(words) {
		pet.SpeciesID = id
		return words[size:], nil
	}
	return words, nil
}

// speciesAt returns the species named by the most words from a place on, and how many they are; 0 for none.
func (r Reader) speciesAt(words []string, at int) (id, size int) {
	for size := min(maxSpeciesWords, len(words)-at); size > 0; size-- {
		if id, ok := r.species(words[at : at+size]); ok {
			return id, size
		}
	}
	return 0, 0
}

func (r Reader) species(words []string) (int, bool) {
	if r.Species == nil {
		return 0, false
	}
	return r.Species(strings.Trim(strings.Join(words, " "), "()[].:; "))
}

// readRest looks for a birthday among the words after the species; what it leaves is unread.
func (r Reader) readRest(rest []string, pet *PetLine) {
	if len(rest) == 0 {
		return
	}
	if !pet.BirthSaid && len(rest) <= 2*maxBirthWords {
		for size := min(maxBirthWords, len(rest)); size > 0; size-- {
			for at := 0; at+size <= len(rest); at++ {
				if birth, why, told := r.birth(rest[at : at+size]); told && why.Reason == "" {
					pet.Birth, pet.BirthSaid = birth, true
					r.readRest(rest[:at], pet)
					r.readRest(rest[at+size:], pet)
					return
				}
			}
		}
	}
	why := Invalid{FieldText, ReasonNotUnderstood}
	if _, wrong, told := r.birth(rest); told && !pet.BirthSaid && wrong.Reason != "" {
		why = wrong
	}
	pet.unread(rest, why)
}

// invalidOf returns what a parser refused with.
func invalidOf(err error) Invalid {
	why := Invalid{FieldText, ReasonNotUnderstood}
	errors.As(err, &why)
	return why
}
