package bot_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vetalyze/db"
	"vetalyze/internal/registry"
	"vetalyze/internal/simulator"
)

// TestTheLongestCardsFit opens cards on which everything is as long as it may be: Telegram takes 4096 characters, and the
// simulator no more.
func TestTheLongestCardsFit(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	cards := registry.New(s.db, s.clock)
	mona := s.member(t, "Happy Paws")
	long := func(n int) string { return strings.Repeat("م<", n/2) }
	what := registry.Registration{
		Key: db.NewKey(), Name: long(254), Phone: "+201001234567", SecondPhone: "+201007654321", ChannelID: 1,
	}
	for range registry.MaxPets {
		what.Pets = append(what.Pets, registry.NewPet{Name: long(100), SpeciesID: 1})
	}
	owner, err := cards.Register(t.Context(), mona, what)
	must(t, err)
	for i, note := range slices.Repeat([]string{long(2000), long(1998)}, 6) {
		_, err := cards.ChangeOwner(t.Context(), mona, owner.ID, i+1, registry.FieldChange{Field: registry.ChangedNote, Value: note})
		must(t, err)
	}
	for _, pet := range owner.Pets {
		for i, to := range []registry.FieldChange{
			{Field: registry.ChangedAlert, Value: long(500)},
			{Field: registry.ChangedNote, Value: long(2000)},
			{Field: registry.ChangedBreed, Value: long(100)},
			{Field: registry.ChangedColour, Value: long(100)},
		} {
			_, err := cards.ChangePet(t.Context(), mona, pet.ID, i+1, to)
			must(t, err)
		}
	}
	ownerID, petID := fmt.Sprint(owner.ID), fmt.Sprint(owner.Pets[0].ID)
	for _, data := range []string{
		"owner:" + ownerID, "owner:" + ownerID + ":1", "pet:" + petID, "history:owner:" + ownerID, "history:pet:" + petID,
		"change:owner:" + ownerID, "change:owner:" + ownerID + ":note", "change:pet:" + petID + ":alert",
		"delete:owner:" + ownerID, "delete:pet:" + petID, "delete:owner:" + ownerID + ":13",
	} {
		s.people["Mona"].Send("/menu")
		s.settle(t)
		shown := s.tap(t, "Mona", data)
		if len(shown) != 1 || !strings.HasPrefix(shown[0], "edit") {
			t.Errorf("%s shows %d things", data, len(shown))
		}
	}
}

// TestTheLongestConflictFits has ten long notes written while somebody writes another.
func TestTheLongestConflictFits(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	cards := registry.New(s.db, s.clock)
	mona := s.member(t, "Happy Paws")
	owner, err := cards.Register(t.Context(), mona, registry.Registration{
		Key: db.NewKey(), Name: strings.Repeat("m", 255), Phone: "+201001234567", Pets: []registry.NewPet{{Name: "Rex", SpeciesID: 1}},
	})
	must(t, err)
	s.people["Sara"].Send("/menu")
	s.settle(t)
	s.tap(t, "Sara", fmt.Sprintf("change:owner:%d:note", owner.ID))
	for i := range 12 {
		_, err := cards.ChangeOwner(t.Context(), mona, owner.ID, i+1, registry.FieldChange{
			Field: registry.ChangedNote, Value: strings.Repeat(string(rune('a'+i)), registry.MaxNote),
		})
		must(t, err)
	}
	s.people["Sara"].Send(strings.Repeat("z", registry.MaxNote))
	s.settle(t)
	chat := s.people["Sara"].Chat()
	if last := plain(chat[len(chat)-1].Text); !strings.Contains(last, "Your change is not saved yet") {
		t.Errorf("she sees %q", last)
	}
}

// TestForgedButtonsTellNothing taps buttons with ids of another clinic: what is seen must be what ids of nothing give.
func TestForgedButtonsTellNothing(t *testing.T) {
	t.Parallel()
	s := newStage(t)
	cards := registry.New(s.db, s.clock)
	owner, err := cards.Register(t.Context(), s.member(t, "Happy Paws"), registry.Registration{
		Key: db.NewKey(), Name: "Ahmed Ali", Phone: "+201001234567", Pets: []registry.NewPet{{Name: "Rex", SpeciesID: 1}},
	})
	must(t, err)
	s.people["هدى"].Send("/menu")
	s.settle(t)
	for _, form := range []string{
		"owner:%d", "owner:%d:1", "pet:%d", "photo:%d", "addpet:%d", "change:owner:%d", "change:owner:%d:name", "change:pet:%d",
		"change:pet:%d:owner", "history:owner:%d", "history:pet:%d", "history:owner:%d:9", "delete:owner:%d", "delete:pet:%d",
		"delete:owner:%d:1", "delete:pet:%d:1", "undo:owner:%d", "undo:pet:%d",
	} {
		for _, id := range []int64{owner.ID, owner.Pets[0].ID} {
			ours := s.tap(t, "هدى", fmt.Sprintf(form, id))
			never := s.tap(t, "هدى", fmt.Sprintf(form, id+1_000_000))
			if diff := cmp.Diff(never, ours); diff != "" || len(ours) != 1 {
				t.Errorf("%s: an id of nothing (-) and one of another clinic (+) differ:\n%s", form, diff)
			}
		}
	}
	if _, err := cards.Card(t.Context(), s.member(t, "Happy Paws"), owner.ID); err != nil {
		t.Errorf("the owner afterwards: %v", err)
	}
	// Not even a receptionist of the clinic deletes, or looks into the history, with a button that she was not given.
	s.people["Sara"].Send("/menu")
	s.settle(t)
	for _, data := range []string{"delete:owner:%d:1", "undo:owner:%d", "history:owner:%d"} {
		shown := s.tap(t, "Sara", fmt.Sprintf(data, owner.ID))
		if diff := cmp.Diff([]string{"toast: Your role here does not include this. /help shows what it does."}, shown); diff != "" {
			t.Errorf("%s (-want +got):\n%s", data, diff)
		}
	}
}

// tap taps a button with any data under the person's newest message, and returns what they then see.
func (s *stage) tap(t *testing.T, name, data string) (seen []string) {
	t.Helper()
	person := s.people[name]
	chat := person.Chat()
	shown := map[int]string{}
	for _, message := range chat {
		shown[message.ID] = message.Text
	}
	before := s.lastEvent()
	must(t, person.TapData(chat[len(chat)-1].ID, data))
	s.settle(t)
	for _, event := range s.eventsSince(t, before) {
		switch {
		case event.Type == simulator.EventToast && event.Toast.Text != "":
			seen = append(seen, "toast: "+plain(event.Toast.Text))
		case event.Message != nil && event.Message.FromBot && shown[event.Message.ID] != event.Message.Text:
			shown[event.Message.ID] = event.Message.Text
			seen = append(seen, fmt.Sprint(event.Type, ": ", plain(event.Message.Text)))
		}
	}
	return seen
}
