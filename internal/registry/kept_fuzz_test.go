package registry_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"vetalyze/db"
	"vetalyze/internal/embedded/pgtest"
	"vetalyze/internal/registry"
)

// FuzzValues reads what can be said about a pet from the card. What is taken is taken again as it is kept.
func FuzzValues(f *testing.F) {
	for _, seed := range []string{
		"Golden Retriever", "شيرازي", "a\nb", "\u202e", "985 112 003 456 789", "٩٨٥١١٢٠٠٣٤٥٦٧٨٩", "98511200345678", "4.5 kg", "٤٫٥ كجم", "850 g", "0", "0.0004", "2001",
		"999999999.999999", "1e3", "-1", "4,5", "yesterday", "12/3/2021", "today", "31/2/2020", "3/2021", "", "\xff", "\x00", strings.Repeat("x", 2001),
	} {
		f.Add(seed)
	}
	today := date(2026, 3, 1)
	f.Fuzz(func(t *testing.T, text string) {
		for field, parse := range map[registry.Field]func(string) (string, error){
			registry.FieldBreed: registry.ParseBreed, registry.FieldColour: registry.ParseColour, registry.FieldAlert: registry.ParseAlert,
			registry.FieldNote: registry.ParseNote, registry.FieldMicrochip: registry.ParseMicrochip,
			registry.FieldText: func(text string) (string, error) { return registry.ParseLine(text, 60) },
		} {
			kept, err := parse(text)
			checkRefusal(t, err, field)
			if again, err2 := parse(kept); err == nil && (err2 != nil || again != kept) {
				t.Errorf("%s %q is kept as %q, and that as %q, %v", field, text, kept, again, err2)
			}
		}
		grams, err := registry.ParseWeight(text)
		checkRefusal(t, err, registry.FieldWeight)
		if err == nil && (grams < 1 || grams > registry.MaxWeightGrams) {
			t.Errorf("%q weighs %d g", text, grams)
		}
		day, err := registry.ParseDay(text, today)
		checkRefusal(t, err, registry.FieldDay)
		if again, err2 := registry.ParseDay(day.Format(time.DateOnly), today); err == nil && (err2 != nil || !again.Equal(day) || day.After(today)) {
			t.Errorf("%q is the day %v, and that %v, %v", text, day, again, err2)
		}
	})
}

// FuzzKept registers what the parsers take, in a real database: no constraint of it is broken, the card says what was typed,
// and a search for the name finds it.
func FuzzKept(f *testing.F) {
	f.Add("Ahmed Ali", "0100 123 4567", "Rex dog 2y", "a note\nof two lines")
	f.Add("أَحْمَد \u202eعلي", "٠١٠٠١٢٣٤٥٦٧", "ركس كلب سنتين", "\u2066x\u2069")
	f.Add("A\u2028B", "+201001234567", "a\u00a0b cat 1/1/1906", "\u00a0")
	f.Add("%_\\'\" x", "010 01234567", "007", "\u200f\u3164")
	f.Add("\u3000wide\u3000", "01001234567", "e\u0301\u0301\u0301", "\x00")
	f.Add(strings.Repeat("ﷺ", 255), "01001234567", strings.Repeat("x", 100), strings.Repeat("ی", 2000))
	d := deskOn(f, pgtest.New(f))
	f.Fuzz(func(t *testing.T, typedName, typedPhone, typedPet, typedNote string) {
		name, err := registry.ParseName(typedName)
		if err != nil {
			return
		}
		phone, err := registry.ParsePhone(typedPhone, "EG")
		if err != nil {
			phone = "+201001234567"
		}
		pet := reader.ReadPet(typedPet)
		if pet.Name == "" {
			pet = registry.PetLine{Name: "Rex"}
		}
		ctx := context.Background()
		owner, err := d.Register(ctx, d.mona, registry.Registration{
			Key: db.NewKey(), Name: name, Phone: phone, Pets: []registry.NewPet{{Name: pet.Name, SpeciesID: max(1, pet.SpeciesID), Birth: pet.Birth}},
		})
		if err != nil {
			t.Fatalf("%q and %+v are not taken: %v", name, pet, err)
		}
		for _, words := range []struct {
			field string
			parse func(string) (string, error)
		}{{registry.ChangedNote, registry.ParseNote}, {registry.ChangedAlert, registry.ParseAlert}, {registry.ChangedBreed, registry.ParseBreed}} {
			kept, err := words.parse(typedNote)
			if err != nil {
				continue
			}
			card, err := d.PetCard(ctx, d.mona, owner.Pets[0].ID)
			if err != nil {
				t.Fatal(err)
			}
			if card, err = d.ChangePet(ctx, d.mona, card.ID, card.Version, registry.FieldChange{Field: words.field, Value: kept}); err != nil || card.Field(words.field) != kept {
				t.Fatalf("the %s %q becomes %q: %v", words.field, kept, card.Field(words.field), err)
			}
		}
		card, err := d.Card(ctx, d.mona, owner.ID)
		if err != nil || card.Name != name || card.Phone != phone || card.Pets[0].Name != pet.Name || card.Pets[0].Birth != pet.Birth {
			t.Errorf("%q, %q, %+v are kept as %+v: %v", name, phone, pet, card, err)
		}
		found, err := d.Search(ctx, d.mona, name, registry.Mark{})
		var invalid registry.Invalid
		switch {
		case errors.As(err, &invalid) && invalid.Reason == registry.ReasonTooLong, err == nil && len(typedWords(name)) == 0:
		case err != nil || found.Total == 0 || found.Near():
			t.Errorf("%q is registered and not found: %d, %v", name, found.Total, err)
		}
	})
}

// FuzzSearch searches for whatever is typed among owners with names of many kinds: the database finds what a plain scan by
// the rule of [registry.Search] finds, in that order.
func FuzzSearch(f *testing.F) {
	for _, seed := range []string{
		"ahmed", "AHMED ali", "أحمد", "عبدالرحمن", "%", "_hmed", `\`, `'"`, "?!… —", "a", "7", "007", "0100", "+20 100", "00201", "٠١٠٠", "أَحْمَـــد", "Ahmed أحمد", "🐶 rex", "rex🐶",
		strings.Repeat("a", 300), "+44 20 7946 0958", "\u202eahmed", "el din", "noureldin", "\xff", "\x00", "ﻣﺤﻤﺪ", "İ", "ß", "ǅ", "①②③", "𝟙𝟚𝟛", "²", "ⅷ", "á̂", "ا", "ال", "عبد", "ﷲ", "ـ", "a\u0303", "1 2 3", "4PBKHH6",
	} {
		f.Add(seed)
	}
	d := deskOn(f, pgtest.New(f))
	var owners []scanned
	for i, words := range append(append([]string{}, ownerWords...), "Mohamed Hassan", "O'Neil-Smith, Jr.", "ﻣﺤﻤﺪ ﷲ", "İsmail ß", "Ǆ ①②③ x", "x̂ 7", "آلاء نور الدين") {
		if len([]rune(words)) < 2 {
			continue
		}
		owner := scanned{
			name: words + " " + ownerWords[(i*7)%len(ownerWords)], phones: []string{"+2010" + strings.Repeat(digits[i%3], 1) + "1234567"[:7]},
			pets: []scannedPet{{name: petWords[i%len(petWords)]}, {name: petWords[(i*3)%len(petWords)] + " 🐶"}},
		}
		owners = append(owners, d.scatter(d.mona, owner))
	}
	f.Fuzz(func(t *testing.T, typed string) {
		found, err := d.Search(context.Background(), d.mona, typed, registry.Mark{})
		var invalid registry.Invalid
		if errors.As(err, &invalid) {
			checkRefusal(t, err, registry.FieldSearch)
			return
		}
		if err != nil {
			t.Fatalf("%q: %v", typed, err)
		}
		want := scan(owners, found.Typed, "20")
		if found.Near() {
			found.Hits, found.Total = nil, 0
		}
		if len(want) != found.Total {
			t.Errorf("%q finds %d, want %d", typed, found.Total, len(want))
		}
		var got []scanHit
		for _, hit := range found.Hits {
			got = append(got, scanHit{hit.ID, hit.Match})
		}
		if diff := cmp.Diff(want[:min(len(want), registry.HitsPage)], got); diff != "" && len(want) > 0 {
			t.Errorf("%q (-want +got)\n%s", typed, diff)
		}
	})
}
