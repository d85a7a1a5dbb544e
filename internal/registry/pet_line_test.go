package registry_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vetalyze/internal/registry"
)

// The species of the tests; a word of each language, and names of two words.
const (
	dog = iota + 1
	cat
	rabbit
	guineaPig
	camel
)

var speciesNames = map[string]int{
	"dog": dog, "puppy": dog, "كلب": dog, "cat": cat, "kitten": cat, "قطة": cat, "rabbit": rabbit, "bunny": rabbit, "أرنب": rabbit,
	"guinea pig": guineaPig, "خنزير غينيا": guineaPig, "camel": camel, "جمال": camel,
}

func species(words string) (int, bool) {
	id, ok := speciesNames[strings.ToLower(words)]
	return id, ok
}

var reader = registry.Reader{Country: "EG", Species: species, Today: today}

func estimate(text string) registry.Birth {
	birth, err := registry.ParseBirth(text, today)
	if err != nil {
		panic(err)
	}
	return birth
}

func unread(text string, field registry.Field, reason registry.Reason) []registry.Unread {
	return []registry.Unread{{Text: text, Why: registry.Invalid{Field: field, Reason: reason}}}
}

func TestReadPet(t *testing.T) {
	t.Parallel()
	rexDog2y := registry.PetLine{Name: "Rex", SpeciesID: dog, Birth: estimate("2y"), BirthSaid: true}
	named := func(name string) registry.PetLine { return registry.PetLine{Name: name} }
	of := func(name string, species int) registry.PetLine {
		return registry.PetLine{Name: name, SpeciesID: species}
	}
	tests := map[string]registry.PetLine{
		"Rex dog 2y":               rexDog2y,
		"Rex, dog, 2 years":        rexDog2y,
		"Rex, dog 2 years":         rexDog2y,
		"  Rex   DOG  2 years old": rexDog2y,
		"Rex - dog - 2y":           rexDog2y,
		"- Rex dog 2y":             rexDog2y,
		"1) Rex dog 2y":            rexDog2y,
		"Rex (dog, 2y)":            rexDog2y,
		"dog Rex 2y":               rexDog2y,
		"Rex 2y dog":               rexDog2y,
		"Rex\ndog\n2y":             rexDog2y,
		"ريكس كلب سنتين":           {Name: "ريكس", SpeciesID: dog, Birth: estimate("2y"), BirthSaid: true},
		"ريكس، كلب، سنة ونص":       {Name: "ريكس", SpeciesID: dog, Birth: estimate("18m"), BirthSaid: true},
		"لولو قطة ٦ شهور":          {Name: "لولو", SpeciesID: cat, Birth: estimate("6m"), BirthSaid: true},
		"كلب ريكس":                 of("ريكس", dog),
		"Mimi cat":                 of("Mimi", cat),
		"dog Rex":                  of("Rex", dog),
		"Squeak guinea pig 3w":     {Name: "Squeak", SpeciesID: guineaPig, Birth: estimate("3w"), BirthSaid: true},
		"guinea pig Squeak":        of("Squeak", guineaPig),
		"بندق خنزير غينيا":         of("بندق", guineaPig),
		"Sir Barks A Lot dog 2y":   {Name: "Sir Barks A Lot", SpeciesID: dog, Birth: estimate("2y"), BirthSaid: true},
		"Rex":                      named("Rex"),
		"Rex 2y":                   {Name: "Rex", Birth: estimate("2y"), BirthSaid: true},
		"Rex dog 12/3/2021":        {Name: "Rex", SpeciesID: dog, Birth: estimate("12/3/2021"), BirthSaid: true},
		"Rex dog 2.5 years":        {Name: "Rex", SpeciesID: dog, Birth: estimate("30m"), BirthSaid: true},
		"Rex dog 2,5 years":        {Name: "Rex", SpeciesID: dog, Birth: estimate("30m"), BirthSaid: true},
		"Rex dog born March 2021":  {Name: "Rex", SpeciesID: dog, Birth: estimate("3/2021"), BirthSaid: true},
		"Rex dog 2 years 3 months": {Name: "Rex", SpeciesID: dog, Birth: estimate("27m"), BirthSaid: true},
		"Rex dog ?":                {Name: "Rex", SpeciesID: dog, BirthSaid: true},
		"Rex dog unknown":          {Name: "Rex", SpeciesID: dog, BirthSaid: true},
		"ريكس كلب مش معروف":        {Name: "ريكس", SpeciesID: dog, BirthSaid: true},

		"Rex 2":            named("Rex 2"),
		"Queen March":      named("Queen March"),
		"Bunny":            named("Bunny"),
		"guinea pig":       named("guinea pig"),
		"Bunny 2y":         {Name: "Bunny", Birth: estimate("2y"), BirthSaid: true},
		"Bunny rabbit":     of("Bunny", rabbit),
		"Sunny Day":        named("Sunny Day"),
		"007":              named("007"),
		"<b>Rex</b> & dog": of("<b>Rex</b> &", dog),
		"2 years":          {Birth: estimate("2y"), BirthSaid: true},

		"Rex dog brown": {Name: "Rex", SpeciesID: dog, Unread: unread("brown", registry.FieldText, registry.ReasonNotUnderstood)},
		"Rex dog male 2y": {
			Name: "Rex", SpeciesID: dog, Birth: estimate("2y"), BirthSaid: true,
			Unread: unread("male", registry.FieldText, registry.ReasonNotUnderstood),
		},
		"Rex dog 2y brown": {
			Name: "Rex", SpeciesID: dog, Birth: estimate("2y"), BirthSaid: true,
			Unread: unread("brown", registry.FieldText, registry.ReasonNotUnderstood),
		},
		"Rex dog 2":        {Name: "Rex", SpeciesID: dog, Unread: unread("2", registry.FieldBirth, registry.ReasonNoUnit)},
		"Rex dog 31/2":     {Name: "Rex", SpeciesID: dog, Unread: unread("31/2", registry.FieldBirth, registry.ReasonImpossible)},
		"Rex 31/2/2021":    {Name: "Rex", Unread: unread("31/2/2021", registry.FieldBirth, registry.ReasonImpossible)},
		"Rex dog 1850":     {Name: "Rex", SpeciesID: dog, Unread: unread("1850", registry.FieldBirth, registry.ReasonTooLongAgo)},
		"Rex dog 2030":     {Name: "Rex", SpeciesID: dog, Unread: unread("2030", registry.FieldBirth, registry.ReasonFuture)},
		"Rex dog 12 March": {Name: "Rex", SpeciesID: dog, Unread: unread("12 March", registry.FieldBirth, registry.ReasonNoYear)},
		"🐶 dog 2y":         {SpeciesID: dog, Birth: estimate("2y"), BirthSaid: true, Unread: unread("🐶", registry.FieldPetName, registry.ReasonNoLetter)},
		"":                 {},
		" , ,":             {},
		"Rex\xff":          {Unread: unread("", registry.FieldText, registry.ReasonUnreadable)},
		strings.Repeat("a", 101) + " dog": {
			SpeciesID: dog, Unread: unread(strings.Repeat("a", 101), registry.FieldPetName, registry.ReasonTooLong),
		},
		strings.Repeat("a ", 300): {
			Unread: unread(strings.TrimSpace(strings.Repeat("a ", 300)), registry.FieldPetName, registry.ReasonTooLong),
		},
	}
	for line, want := range tests {
		t.Run(shorten(line), func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want, reader.ReadPet(line)); diff != "" {
				t.Errorf("%q (-want +got):\n%s", line, diff)
			}
		})
	}
}

func shorten(text string) string { return text[:min(len(text), 40)] }

func anyPet(t *rapid.T) (line string, pet registry.PetLine) {
	pet = registry.PetLine{
		Name:      strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"Rex", "Mimi", "لولو", "O’Hara", "Mr"}), 1, 3).Draw(t, "name"), " "),
		BirthSaid: rapid.Bool().Draw(t, "birth said"),
	}
	words := []string{pet.Name}
	if rapid.Bool().Draw(t, "species said") {
		word := rapid.SampledFrom([]string{"dog", "cat", "كلب", "guinea pig", "خنزير غينيا"}).Draw(t, "species")
		pet.SpeciesID = speciesNames[word]
		words = append(words, word)
	}
	if pet.BirthSaid {
		text := rapid.SampledFrom([]string{"2y", "3 months", "12/3/2021", "2021", "سنة ونص", "٣ أسابيع", "?", "3/2021"}).Draw(t, "birth")
		pet.Birth = estimate(text)
		words = append(words, text)
	}
	return strings.Join(words, rapid.SampledFrom([]string{" ", ", ", "، ", " - "}).Draw(t, "separator")), pet
}

func TestPetReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		line, want := anyPet(t)
		if diff := cmp.Diff(want, reader.ReadPet(line)); diff != "" {
			t.Fatalf("%q (-want +got):\n%s", line, diff)
		}
	})
}

func FuzzReadPet(f *testing.F) {
	for _, seed := range []string{
		"Rex dog 2y", "ريكس كلب سنتين", "Rex, dog, 2 years", "dog Rex", "guinea pig", "Rex dog brown 2y", "Rex dog 31/2", "\xff", ",", "- ?", "2y dog",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, line string) {
		pet := reader.ReadPet(line)
		if pet.Name != "" {
			if again, err := registry.ParsePetName(pet.Name); err != nil || again != pet.Name {
				t.Errorf("%q has the name %q, %v", line, pet.Name, err)
			}
		}
		checkUnread(t, pet.Unread)
		if pet.Birth.Known() && !pet.BirthSaid {
			t.Errorf("%q: a birthday out of nowhere", line)
		}
	})
}

func checkUnread(t *testing.T, parts []registry.Unread) {
	t.Helper()
	for _, part := range parts {
		checkRefusal(t, part.Why, registry.FieldName, registry.FieldPetName, registry.FieldPhone, registry.FieldBirth, registry.FieldPets, registry.FieldText)
	}
}

func ExampleReader_ReadPet() {
	pet := reader.ReadPet("Mimi, cat, 3/2021")
	fmt.Println(pet.Name, pet.SpeciesID == cat, pet.Birth)
	// Output: Mimi true 2021-03
}
