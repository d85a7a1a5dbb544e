package bot_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vetalyze/db"
	"vetalyze/internal/registry"
)

// TestForgedMergesTellNothing taps buttons about owners and merges of another clinic.
func TestForgedMergesTellNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	cards := registry.New(s.db, s.clock)
	mona := s.member(t, "Happy Paws")
	register := func(name string) registry.Owner {
		owner, err := cards.Register(t.Context(), mona, registry.Registration{
			Key: db.NewKey(), Name: name, Phone: "+201001234567", Pets: []registry.NewPet{{Name: "Rex", SpeciesID: 1}},
		})
		must(t, err)
		return owner
	}
	kept, twin := register("Ahmed Ali"), register("Ahmad Aly")
	merged, err := cards.Merge(t.Context(), mona, registry.Merging{Key: db.NewKey(), KeptID: kept.ID, TwinID: twin.ID})
	must(t, err)
	for _, name := range []string{"هدى", "Nadia"} {
		s.people[name].Send("/menu")
		s.settle(t)
		for _, form := range []string{"merge:%d", "unmerge:%d", "unmerge:%d:yes", "owner:%d", "pet:%d"} {
			for _, id := range []int64{kept.ID, twin.ID, twin.Pets[0].ID, merged.Merged.ID} {
				ours := s.tap(t, name, fmt.Sprintf(form, id))
				never := s.tap(t, name, fmt.Sprintf(form, id+1_000_000))
				if diff := cmp.Diff(never, ours); diff != "" || len(ours) != 1 {
					t.Errorf("%s: %s: an id of nothing (-) and one of another clinic (+) differ:\n%s", name, form, diff)
				}
			}
		}
	}
	for _, data := range []string{"merge", "merge:", "merge:x", "unmerge", "unmerge:x:yes", "unmerge:-1:no", "unmerge::"} {
		if seen := s.tap(t, "هدى", data); len(seen) != 1 {
			t.Errorf("%s: %q", data, seen)
		}
	}
	card, err := cards.Card(t.Context(), mona, twin.ID)
	if err != nil || card.ID != kept.ID {
		t.Errorf("the merge afterwards: %+v, %v", card, err)
	}
}

// TestTheLongestMergeFits shows two cards of which everything is as long as it may be.
func TestTheLongestMergeFits(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	cards := registry.New(s.db, s.clock)
	mona := s.member(t, "Happy Paws")
	for _, letter := range []string{"&", "<"} {
		what := registry.Registration{Key: db.NewKey(), Name: "m" + strings.Repeat(letter, 254), Phone: "+201001234567", SecondPhone: "+2010012345" + fmt.Sprint(len(letter)+67)}
		for i := range registry.MaxPets {
			what.Pets = append(what.Pets, registry.NewPet{Name: fmt.Sprint(strings.Repeat("a", 98), i), SpeciesID: 1})
		}
		for _, pet := range []int{0, 1} {
			what.Pets[pet].Name = letter + what.Pets[pet].Name[1:]
		}
		owner, err := cards.Register(t.Context(), mona, what)
		must(t, err)
		_, err = cards.ChangeOwner(t.Context(), mona, owner.ID, 1, registry.FieldChange{Field: registry.ChangedNote, Value: strings.Repeat(letter, registry.MaxNote)})
		must(t, err)
		s.people["Sara"].Send(owner.Code)
		s.settle(t)
		s.tap(t, "Sara", fmt.Sprintf("merge:%d", owner.ID))
	}
	s.people["Sara"].Send("aaaaaaaaaaaaaaaaaaa") // the beginning of pets' names
	s.settle(t)
	chat := s.people["Sara"].Chat()
	last := chat[len(chat)-1]
	if text := plain(last.Text); !strings.Contains(text, "What will happen") {
		t.Errorf("she sees %q", text)
	}
	must(t, s.people["Sara"].Tap("✅ Merge them"))
	s.settle(t)
	chat = s.people["Sara"].Chat()
	if text := plain(chat[len(chat)-1].Text); !strings.Contains(text, "too long together") {
		t.Errorf("she sees %q", text)
	}
}
