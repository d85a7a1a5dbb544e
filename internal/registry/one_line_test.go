package registry_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"vetalyze/internal/registry"
)

func TestReadOneLine(t *testing.T) {
	t.Parallel()
	const phone, second = "+201001234567", "+201112223333"
	rex := registry.PetLine{Name: "Rex", SpeciesID: dog, Birth: estimate("2y"), BirthSaid: true}
	mimi := registry.PetLine{Name: "Mimi", SpeciesID: cat}
	whole := registry.OneLine{Name: "Ahmed Ali", Phone: phone, Pets: []registry.PetLine{rex, mimi}}
	withSecond := whole
	withSecond.SecondPhone = second

	tests := []struct {
		name, text string
		want       registry.OneLine
	}{
		{"as documented", "Ahmed Ali, 0100 123 4567; Rex dog 2y; Mimi cat", whole},
		{"newlines", "Ahmed Ali, 0100 123 4567\nRex dog 2y\n\nMimi cat\n", whole},
		{"each thing in a line", "Ahmed Ali\n0100 123 4567\nRex dog 2y\nMimi cat", whole},
		{"Arabic marks", "Ahmed Ali، ٠١٠٠ ١٢٣ ٤٥٦٧؛ Rex dog 2y؛ Mimi cat", whole},
		{"phone first", "0100 123 4567, Ahmed Ali; Rex dog 2y; Mimi cat", whole},
		{"phone alone first", "0100 123 4567; Ahmed Ali; Rex dog 2y; Mimi cat", whole},
		{"phone last", "Ahmed Ali; Rex dog 2y; Mimi cat; 0100 123 4567", whole},
		{"no comma before the phone", "Ahmed Ali 0100 123 4567; Rex dog 2y; Mimi cat", whole},
		{"no comma after the phone", "+20 100 123 4567 Ahmed Ali; Rex dog 2y; Mimi cat", whole},
		{"phone announced", "Ahmed Ali, tel: 01001234567; Rex dog 2y; Mimi cat", whole},
		{"phone announced in Arabic", "Ahmed Ali موبايل 01001234567; Rex dog 2y; Mimi cat", whole},
		{"commas only", "Ahmed Ali, 0100 123 4567, Rex dog 2y, Mimi cat", whole},
		{"commas all over", "Ahmed Ali, 0100 123 4567, Rex, dog, 2y, Mimi, cat", whole},
		{"pets by commas", "Ahmed Ali, 0100 123 4567; Rex, dog, 2y, Mimi, cat", whole},
		{"commas without spaces", "Ahmed Ali,01001234567;Rex dog 2y;Mimi cat", whole},
		{"a list", "Ahmed Ali 01001234567\n1. Rex dog 2y\n2. Mimi cat", whole},
		{"semicolons around", ";; Ahmed Ali, 0100 123 4567;; Rex dog 2y ; Mimi cat;", whole},
		{"two phones", "Ahmed Ali, 0100 123 4567, 0111 222 3333; Rex dog 2y; Mimi cat", withSecond},
		{"two phones by a slash", "Ahmed Ali, 01001234567 / 01112223333; Rex dog 2y; Mimi cat", withSecond},
		{"second phone among the pets", "Ahmed Ali, 0100 123 4567; Rex dog 2y, 0111 222 3333; Mimi cat", withSecond},
		{"the same phone twice", "Ahmed Ali, 0100 123 4567, +201001234567; Rex dog 2y; Mimi cat", whole},
		{
			"Arabic", "أحمد جمال، ٠١٠٠١٢٣٤٥٦٧؛ ريكس كلب سنتين؛ لولو قطة", registry.OneLine{Name: "أحمد جمال", Phone: phone, Pets: []registry.PetLine{
				{Name: "ريكس", SpeciesID: dog, Birth: estimate("2y"), BirthSaid: true}, {Name: "لولو", SpeciesID: cat},
			}},
		},
		{"owner only", "Ahmed Ali, 0100 123 4567", registry.OneLine{Name: "Ahmed Ali", Phone: phone}},
		{"name only", "Ahmed Ali", registry.OneLine{Name: "Ahmed Ali"}},
		{"phone only", "01001234567", registry.OneLine{Phone: phone}},
		{"no phone", "Ahmed Ali; Rex dog 2y", registry.OneLine{Name: "Ahmed Ali", Pets: []registry.PetLine{rex}}},
		{"no name", "0100 123 4567; Rex dog 2y; Mimi cat", registry.OneLine{Phone: phone, Pets: []registry.PetLine{rex, mimi}}},
		{"nothing", " \n ;, ", registry.OneLine{}},
		{
			"date that looks like a phone", "Ahmed Ali, 0100 123 4567; Rex, dog, 12-03-2021",
			registry.OneLine{Name: "Ahmed Ali", Phone: phone, Pets: []registry.PetLine{
				{Name: "Rex", SpeciesID: dog, Birth: estimate("12/3/2021"), BirthSaid: true},
			}},
		},
		{
			"dates among commas", "Ahmed Ali, 0100 123 4567, Rex, dog, 12/3/2021, Mimi, cat, 2021",
			registry.OneLine{Name: "Ahmed Ali", Phone: phone, Pets: []registry.PetLine{
				{Name: "Rex", SpeciesID: dog, Birth: estimate("12/3/2021"), BirthSaid: true},
				{Name: "Mimi", SpeciesID: cat, Birth: estimate("2021"), BirthSaid: true},
			}},
		},
		{
			"pet without species", "Ahmed Ali, 0100 123 4567; Rex; Mimi 2y",
			registry.OneLine{Name: "Ahmed Ali", Phone: phone, Pets: []registry.PetLine{
				{Name: "Rex"}, {Name: "Mimi", Birth: estimate("2y"), BirthSaid: true},
			}},
		},
		{
			"phone too short", "Ahmed Ali, 0100 123; Rex dog 2y",
			registry.OneLine{
				Name: "Ahmed Ali", Pets: []registry.PetLine{rex},
				Unread: unread("0100 123", registry.FieldPhone, registry.ReasonTooShort),
			},
		},
		{
			"phone of another country", "Ahmed Ali, +966 50 123 4567; Rex dog 2y",
			registry.OneLine{
				Name: "Ahmed Ali", Pets: []registry.PetLine{rex},
				Unread: unread("+966 50 123 4567", registry.FieldPhone, registry.ReasonWrongCountry),
			},
		},
		{
			"phone with extension", "Ahmed Ali, 02 2345 6789 ext 12; Rex dog 2y",
			registry.OneLine{
				Name: "Ahmed Ali", Pets: []registry.PetLine{rex},
				Unread: unread("02 2345 6789 ext 12", registry.FieldPhone, registry.ReasonExtension),
			},
		},
		{
			"three phones", "Ahmed Ali, 01001234567, 01112223333, 01212223333; Rex dog 2y",
			registry.OneLine{
				Name: "Ahmed Ali", Phone: phone, SecondPhone: second, Pets: []registry.PetLine{rex},
				Unread: unread("01212223333", registry.FieldPhone, registry.ReasonTooMany),
			},
		},
		{
			"something else about the owner", "Ahmed Ali, Nasr City, 0100 123 4567; Rex dog 2y",
			registry.OneLine{
				Name: "Ahmed Ali", Phone: phone, Pets: []registry.PetLine{rex},
				Unread: unread("Nasr City", registry.FieldText, registry.ReasonNotUnderstood),
			},
		},
		{
			"name of emoji", "🐶🐶, 0100 123 4567; Rex dog 2y",
			registry.OneLine{
				Phone: phone, Pets: []registry.PetLine{rex},
				Unread: unread("🐶🐶", registry.FieldName, registry.ReasonNoLetter),
			},
		},
		{
			"impossible birthday", "Ahmed Ali, 0100 123 4567; Rex dog 31/2; Mimi cat",
			registry.OneLine{Name: "Ahmed Ali", Phone: phone, Pets: []registry.PetLine{
				{Name: "Rex", SpeciesID: dog, Unread: unread("31/2", registry.FieldBirth, registry.ReasonImpossible)}, mimi,
			}},
		},
		{
			"a pet of emoji", "Ahmed Ali, 0100 123 4567; 🐶; Mimi cat",
			registry.OneLine{
				Name: "Ahmed Ali", Phone: phone, Pets: []registry.PetLine{mimi},
				Unread: unread("🐶", registry.FieldPetName, registry.ReasonNoLetter),
			},
		},
		{"broken UTF-8", "Ahmed\xff", registry.OneLine{Unread: unread("", registry.FieldText, registry.ReasonUnreadable)}},
		{"a novel", strings.Repeat("word ", 1000), registry.OneLine{Unread: unread("", registry.FieldText, registry.ReasonTooLong)}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(test.want, reader.ReadOneLine(test.text), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%q (-want +got):\n%s", test.text, diff)
			}
		})
	}
}

func TestReadOneLineTakesTwentyPets(t *testing.T) {
	t.Parallel()
	var text strings.Builder
	text.WriteString("Ahmed Ali, 01001234567")
	for i := range registry.MaxPets + 2 {
		fmt.Fprintf(&text, "; Pet%d cat 2y", i)
	}
	line := reader.ReadOneLine(text.String())
	if len(line.Pets) != registry.MaxPets || len(line.Unread) != 2 {
		t.Errorf("%d pets, unread %v", len(line.Pets), line.Unread)
	}
	want := unread("Pet20", registry.FieldPets, registry.ReasonTooMany)[0]
	if diff := cmp.Diff(want, line.Unread[0]); diff != "" {
		t.Error(diff)
	}
}

func TestReadPets(t *testing.T) {
	t.Parallel()
	rex := registry.PetLine{Name: "Rex", SpeciesID: dog, Birth: estimate("2y"), BirthSaid: true}
	mimi := registry.PetLine{Name: "Mimi", SpeciesID: cat}
	for _, text := range []string{"Rex dog 2y; Mimi cat", "Rex, dog, 2y, Mimi cat", "Rex dog 2y\nMimi, cat", "Rex dog 2y، Mimi cat", "dog Rex 2y; cat Mimi"} {
		pets, unread := reader.ReadPets(text)
		if diff := cmp.Diff([]registry.PetLine{rex, mimi}, pets); diff != "" || len(unread) > 0 {
			t.Errorf("%q, unread %v (-want +got):\n%s", text, unread, diff)
		}
	}
}

func TestOneLineReadsBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := registry.OneLine{
			Name:  rapid.SampledFrom([]string{"Ahmed Ali", "أحمد جمال", "Mary-Jane O’Neil", "Bo"}).Draw(t, "name"),
			Phone: "+2010" + rapid.StringMatching(`[0-9]{8}`).Draw(t, "phone"),
		}
		owner := []string{want.Name, registry.ShowPhone(want.Phone, "EG")}
		if rapid.Bool().Draw(t, "phone first") {
			owner[0], owner[1] = owner[1], owner[0]
		}
		segments := []string{strings.Join(owner, rapid.SampledFrom([]string{", ", "، ", "\n"}).Draw(t, "comma"))}
		for range rapid.IntRange(0, 4).Draw(t, "pets") {
			line, pet := anyPet(t)
			segments = append(segments, line)
			want.Pets = append(want.Pets, pet)
		}
		text := strings.Join(segments, rapid.SampledFrom([]string{"; ", "؛ ", "\n"}).Draw(t, "semicolon"))
		if diff := cmp.Diff(want, reader.ReadOneLine(text), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%q (-want +got):\n%s", text, diff)
		}
	})
}

func FuzzReadOneLine(f *testing.F) {
	for _, seed := range []string{
		"Ahmed Ali, 0100 123 4567; Rex dog 2y; Mimi cat", "أحمد، ٠١٠٠١٢٣٤٥٦٧؛ ريكس كلب سنتين", "01001234567 / 01112223333", ";;,,\n", "\xff",
		"Ahmed 0100 123 4567 ext 12", "Rex dog 2y; Ahmed", "0100 123 4567 0111 222 3333", "a, b, c, dog, cat, 2y, 3y", "+", "Ahmed, 12-03-2021",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		line := reader.ReadOneLine(text)
		if line.Name != "" {
			if again, err := registry.ParseName(line.Name); err != nil || again != line.Name {
				t.Errorf("%q has the name %q, %v", text, line.Name, err)
			}
		}
		for _, phone := range []string{line.Phone, line.SecondPhone} {
			if phone != "" {
				if again, err := registry.ParsePhone(phone, "EG"); err != nil || again != phone {
					t.Errorf("%q has the phone %q, %v", text, phone, err)
				}
			}
		}
		if line.SecondPhone != "" && (line.Phone == "" || line.Phone == line.SecondPhone) || len(line.Pets) > registry.MaxPets {
			t.Errorf("%q read as %+v", text, line)
		}
		checkUnread(t, line.Unread)
		for _, pet := range line.Pets {
			checkUnread(t, pet.Unread)
		}
	})
}
