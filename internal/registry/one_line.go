package registry

import (
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// MaxPets is how many pets one registration takes.
const MaxPets = 20

// maxMessage is how many characters a message of Telegram has at most.
const maxMessage = 4096

// OneLine is what one message says of an owner and their pets. What is empty was not said, or not understood and
// then stands in Unread with the reason; the form goes on asking for just that.
type OneLine struct {
	Name        string
	Phone       string
	SecondPhone string
	Pets        []PetLine
	Unread      []Unread // what belongs to no pet
}

// ReadOneLine reads a whole registration: "Ahmed Ali, 0100 123 4567; Rex dog 2y; Mimi cat".
//
//	message = owner { (";" | newline) pet { "," pet } }
//	owner   = name "," phone [ "," phone ] | phone [ "," phone ] "," name
//
// Arabic commas and semicolons do as well. The first part that is no phone is the owner's name (unless it gives both
// a species and a birthday), the others are pets; a phone is the owner's wherever it stands, with or without a comma.
func (r Reader) ReadOneLine(text string) OneLine {
	var line OneLine
	segments, reason := splitSegments(text)
	if reason != "" {
		line.unread("", Invalid{FieldText, reason})
		return line
	}
	named := false
	for i, segment := range segments {
		ofOwner := !named
		var pets []string
		for _, part := range splitCommas(segment) {
			for _, words := range r.takePhones(part, ofOwner, &line) {
				switch {
				case !named && !r.isClearlyPet(words) && (len(line.Pets) == 0 || !r.hasSpecies(words)):
					named = true
					line.readName(words)
				case ofOwner && line.Phone == "" && i+1 < len(segments) && !r.hasSpecies(words):
					line.unread(words, Invalid{FieldText, ReasonNotUnderstood}) // "Ahmed Ali, Cairo, 0100..."
				default:
					pets = append(pets, words)
				}
			}
		}
		line.addPets(r.readPets(pets))
	}
	return line
}

// ReadPets reads several pets, apart by semicolons, newlines or commas: "Rex dog 2y; Mimi, cat".
func (r Reader) ReadPets(text string) (pets []PetLine, unread []Unread) {
	var line OneLine
	segments, reason := splitSegments(text)
	if reason != "" {
		line.unread("", Invalid{FieldText, reason})
	}
	for _, segment := range segments {
		line.addPets(r.readPets(splitCommas(segment)))
	}
	return line.Pets, line.Unread
}

// splitSegments splits clean text at newlines and at Latin and Arabic semicolons.
func splitSegments(text string) ([]string, Reason) {
	lines, ok := cleanLines(text)
	switch {
	case !ok:
		return nil, ReasonUnreadable
	case utf8.RuneCountInString(lines) > maxMessage:
		return nil, ReasonTooLong
	}
	return strings.FieldsFunc(lines, func(r rune) bool { return r == '\n' || r == ';' || r == '؛' }), ""
}

func (l *OneLine) unread(text string, why Invalid) { l.Unread = append(l.Unread, Unread{text, why}) }

func (l *OneLine) readName(text string) {
	name, err := ParseName(text)
	if err != nil {
		l.unread(text, invalidOf(err))
	}
	l.Name = name
}

// addPets keeps pets of which something was understood, up to the most there may be.
func (l *OneLine) addPets(pets []PetLine) {
	for _, pet := range pets {
		switch {
		case pet.Name == "" && pet.SpeciesID == 0 && !pet.BirthSaid:
			l.Unread = append(l.Unread, pet.Unread...)
		case len(l.Pets) == MaxPets:
			l.unread(pet.Name, Invalid{FieldPets, ReasonTooMany})
		default:
			l.Pets = append(l.Pets, pet)
		}
	}
}

func (l *OneLine) addPhone(phone, text string) {
	switch {
	case l.Phone == "" || l.Phone == phone:
		l.Phone = phone
	case l.SecondPhone == "" || l.SecondPhone == phone:
		l.SecondPhone = phone
	default:
		l.unread(text, Invalid{FieldPhone, ReasonTooMany})
	}
}

var (
	// phoneRun matches what may be a phone among other words, digits being 0-9.
	phoneRun = regexp.MustCompile(`[+(]{0,2}\d[\d ().\x{2010}-\x{2015}-]{5,}\d\+?`)
	// phoneLabels say that a phone follows, or which.
	phoneLabels = wordSet("phone phones tel telephone mobile mob cell number no whatsapp ت تليفون تلفون موبايل محمول هاتف جوال رقم واتساب واتس")
)

// takePhones takes the phones out of a part, wrong ones too, and returns the words before, between and after them.
func (r Reader) takePhones(part string, ofOwner bool, line *OneLine) (words []string) {
	part = strings.Map(asciiDigit, part)
	if !hasLetter(part) && r.takeBarePhones(part, ofOwner, line) {
		return nil
	}
	start := 0
	for _, run := range phoneRun.FindAllStringIndex(part, -1) {
		text, end := part[run[0]:run[1]], run[1]
		if r.isDate(text) {
			continue
		}
		if extension.MatchString(strings.TrimSpace(fold(part[end:]))) {
			text, end = part[run[0]:], len(part)
		}
		words = append(words, part[start:run[0]])
		start = end
		r.takePhone(text, line)
		if end == len(part) {
			break
		}
	}
	words = append(words, part[start:])
	for i := range words {
		words[i] = dropLabels(words[i])
	}
	return slices.DeleteFunc(words, func(text string) bool { return text == "" })
}

// takeBarePhones takes a part without letters as a phone, or as several with marks between them, and reports whether
// it did. Beside the owner's name even a few digits can only be meant for a phone; elsewhere they may be a pet's.
func (r Reader) takeBarePhones(part string, ofOwner bool, line *OneLine) bool {
	enough := 7
	if ofOwner {
		enough = 3
	}
	digits := 0
	for _, d := range part {
		if unicode.IsDigit(d) {
			digits++
		}
	}
	if digits < enough || r.isDate(part) {
		return false
	}
	several := strings.FieldsFunc(part, func(r rune) bool { return strings.ContainsRune("/|&", r) })
	for _, text := range several {
		if _, err := ParsePhone(text, r.Country); err != nil {
			several = []string{part}
			break
		}
	}
	for _, text := range several {
		r.takePhone(text, line)
	}
	return true
}

// isDate reports whether digits that might be dialled are rather a date: a good one, or a wrong one that is no phone.
func (r Reader) isDate(text string) bool {
	_, why, told := r.birth([]string{text})
	if !told || why.Reason == ReasonNoUnit {
		return false
	}
	_, err := ParsePhone(text, r.Country)
	return why.Reason == "" || err != nil
}

func (r Reader) takePhone(text string, line *OneLine) {
	text = strings.TrimSpace(text)
	phone, err := ParsePhone(text, r.Country)
	if err != nil {
		line.unread(text, invalidOf(err))
		return
	}
	line.addPhone(phone, text)
}

func asciiDigit(r rune) rune {
	if d, ok := digit(r); ok {
		return d
	}
	return r
}

// dropLabels trims a text that stood beside a phone, and drops it if it only announced the phone.
func dropLabels(text string) string {
	words := strings.Fields(text)
	isLabel := func(word string) bool { return phoneLabels[strings.Trim(fold(word), ".:#-()/")] }
	for len(words) > 0 && (isLabel(words[len(words)-1]) || bullet.MatchString(words[len(words)-1])) {
		words = words[:len(words)-1]
	}
	for len(words) > 0 && (isLabel(words[0]) || bullet.MatchString(words[0])) {
		words = words[1:]
	}
	return strings.Join(words, " ")
}

func (r Reader) hasSpecies(words string) bool { return r.ReadPet(words).SpeciesID != 0 }

// isClearlyPet tells a pet from an owner where a name is expected. A species alone does not: Falcon and Camel are
// family names in Egypt.
func (r Reader) isClearlyPet(words string) bool {
	pet := r.ReadPet(words)
	return pet.SpeciesID != 0 && pet.BirthSaid
}

// readPets reads the parts of one segment. A part that names a pet and its species is a pet of its own, and so is a
// name with a species in the next part; a lone species or birthday belongs to the pet before it, and whatever else
// follows a pet's species is given to that pet, to be reported as unread.
func (r Reader) readPets(parts []string) []PetLine {
	var pets []PetLine
	var current []string
	for i, part := range parts {
		if strings.TrimSpace(part) == "" {
			continue
		}
		if len(current) > 0 && r.startsPet(r.ReadPet(strings.Join(current, ", ")), part, parts[i+1:]) {
			pets = append(pets, r.ReadPet(strings.Join(current, ", ")))
			current = nil
		}
		current = append(current, part)
	}
	if len(current) > 0 {
		pets = append(pets, r.ReadPet(strings.Join(current, ", ")))
	}
	return pets
}

// startsPet reports whether a part begins another pet than the current one, given the parts after it.
func (r Reader) startsPet(current PetLine, part string, after []string) bool {
	if _, _, told := r.birth([]string{part}); told {
		return current.BirthSaid
	}
	if _, lone := r.species([]string{part}); lone {
		return current.SpeciesID != 0
	}
	if r.hasSpecies(part) || current.SpeciesID == 0 {
		return true
	}
	if len(after) == 0 {
		return false
	}
	_, announced := r.species(after[:1])
	return announced
}
