package registry_test

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"vetalyze/db"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
)

func TestChangeEveryFieldOfAnOwner(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.register(d.mona, ahmed(1))
	for i, to := range []registry.FieldChange{
		{Field: registry.ChangedName, Value: "منى علي"},
		{Field: registry.ChangedPhone, Value: "+201009999999"},
		{Field: registry.ChangedSecondPhone, Value: "+20223456789"},
		{Field: registry.ChangedChannel, Value: "1"},
		{Field: registry.ChangedNote, Value: "Pays late\n<b>&</b>"},
		{Field: registry.ChangedSecondPhone},
		{Field: registry.ChangedChannel},
		{Field: registry.ChangedNote},
	} {
		before := owner.Field(to.Field)
		got, err := d.ChangeOwner(t.Context(), d.mona, owner.ID, owner.Version, to)
		d.must(err)
		if got.Field(to.Field) != to.Value || got.Version != owner.Version+1 {
			t.Errorf("%+v: got %q, version %d", to, got.Field(to.Field), got.Version)
		}
		if diff := cmp.Diff(got, d.card(d.mona, owner.ID)); diff != "" {
			t.Errorf("%+v: the card read back differs:\n%s", to, diff)
		}
		owner = got
		history := d.ownerHistory(owner.ID)
		want := registry.Change{
			At: today.Add(10 * time.Hour), By: d.mona.Name, Kind: registry.KindChanged, Field: to.Field, Before: before, After: to.Value,
		}
		if diff := cmp.Diff(want, history[0], noID); diff != "" || len(history) != i+1 {
			t.Errorf("%+v: %d changes noted, the last (-want +got):\n%s", to, len(history), diff)
		}
	}
}

func TestChangeEveryFieldOfAPet(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.register(d.mona, ahmed(1))
	pet := d.pet(owner.Pets[0].ID)
	if pet.Owner.ID != owner.ID || pet.Owner.Name != owner.Name || pet.RegisteredBy != d.mona.Name {
		t.Errorf("got %+v", pet)
	}
	changes := []registry.FieldChange{
		{Field: registry.ChangedName, Value: "لولو"},
		{Field: registry.ChangedSpecies, Value: "1"},
		{Field: registry.ChangedBirth, Value: "~2020-05-01"},
		{Field: registry.ChangedBirth, Value: "2021"},
		{Field: registry.ChangedSex, Value: "female"},
		{Field: registry.ChangedNeutered, Value: "yes"},
		{Field: registry.ChangedNeutered, Value: "no"},
		{Field: registry.ChangedBreed, Value: "Golden"},
		{Field: registry.ChangedColour, Value: "white"},
		{Field: registry.ChangedMicrochip, Value: "900123456789012"},
		{Field: registry.ChangedWeight, Value: "4500"},
		{Field: registry.ChangedAlert, Value: "No penicillin"},
		{Field: registry.ChangedNote, Value: "Shy"},
		{Field: registry.ChangedPhoto, Value: "AgACAgQ-_1"},
		{Field: registry.ChangedDeceased, Value: "2026-03-01"},
	}
	for i := len(changes) - 1; i >= 0; i-- { // and all that may be empty is cleared again
		if field := changes[i].Field; field != registry.ChangedName && field != registry.ChangedSpecies {
			changes = append(changes, registry.FieldChange{Field: field})
		}
	}
	noted := 0
	for _, to := range changes {
		before := pet.Field(to.Field)
		got, err := d.ChangePet(t.Context(), d.mona, pet.ID, pet.Version, to)
		d.must(err)
		if got.Field(to.Field) != to.Value {
			t.Errorf("%+v: got %q", to, got.Field(to.Field))
		}
		if before == to.Value {
			continue
		}
		noted++
		kind := registry.KindChanged
		if to.Field == registry.ChangedDeceased {
			kind = registry.KindDeceased
		}
		want := registry.Change{
			At: today.Add(10 * time.Hour), By: d.mona.Name, PetID: pet.ID, Pet: got.Name, Kind: kind, Field: to.Field,
			Before: before, After: to.Value,
		}
		history, _, err := d.PetHistory(t.Context(), d.hany(), pet.ID, 0)
		d.must(err)
		if diff := cmp.Diff(want, history[0], noID); diff != "" || got.Version != noted+1 {
			t.Errorf("%+v: version %d, noted (-want +got):\n%s", to, got.Version, diff)
		}
		pet = got
	}
}

func TestChangeIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.register(d.mona, ahmed(1))
	pet := d.pet(owner.Pets[0].ID)
	pet, err := d.ChangePet(t.Context(), d.mona, pet.ID, pet.Version, registry.FieldChange{Field: registry.ChangedBirth, Value: "2025-12-31"})
	d.must(err)
	for name, test := range map[string]struct {
		to   registry.FieldChange
		want error
	}{
		"no name":            {registry.FieldChange{Field: registry.ChangedName}, registry.Invalid{Field: registry.FieldPetName, Reason: registry.ReasonEmpty}},
		"no species":         {registry.FieldChange{Field: registry.ChangedSpecies}, registry.ErrUnknownChoice},
		"unknown species":    {registry.FieldChange{Field: registry.ChangedSpecies, Value: "99999"}, registry.ErrUnknownChoice},
		"third sex":          {registry.FieldChange{Field: registry.ChangedSex, Value: "cat"}, registry.ErrUnknownChoice},
		"short chip":         {registry.FieldChange{Field: registry.ChangedMicrochip, Value: "12"}, registry.Invalid{Field: registry.FieldMicrochip, Reason: registry.ReasonTooShort}},
		"heavy":              {registry.FieldChange{Field: registry.ChangedWeight, Value: "2000001"}, registry.Invalid{Field: registry.FieldWeight, Reason: registry.ReasonNotUnderstood}},
		"born tomorrow":      {registry.FieldChange{Field: registry.ChangedBirth, Value: "2099-01-01"}, registry.Invalid{Field: registry.FieldBirth, Reason: registry.ReasonFuture}},
		"died before birth":  {registry.FieldChange{Field: registry.ChangedDeceased, Value: "2025-12-30"}, registry.Invalid{Field: registry.FieldDay, Reason: registry.ReasonBeforeBirth}},
		"dies tomorrow":      {registry.FieldChange{Field: registry.ChangedDeceased, Value: "2099-01-01"}, registry.Invalid{Field: registry.FieldDay, Reason: registry.ReasonFuture}},
		"a field of nothing": {registry.FieldChange{Field: "code", Value: "ABCDEFG"}, registry.ErrIncomplete},
		"a bad file id":      {registry.FieldChange{Field: registry.ChangedPhoto, Value: "a b"}, registry.Invalid{Field: registry.FieldPhoto, Reason: registry.ReasonNotUnderstood}},
		"a note too long":    {registry.FieldChange{Field: registry.ChangedNote, Value: strings.Repeat("x", 2001)}, registry.Invalid{Field: registry.FieldNote, Reason: registry.ReasonTooLong}},
	} {
		if _, err := d.ChangePet(t.Context(), d.mona, pet.ID, pet.Version, test.to); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
	}
	for name, test := range map[string]struct {
		to   registry.FieldChange
		want error
	}{
		"no phone":        {registry.FieldChange{Field: registry.ChangedPhone}, registry.Invalid{Field: registry.FieldPhone, Reason: registry.ReasonNotNumber}},
		"words":           {registry.FieldChange{Field: registry.ChangedSecondPhone, Value: "home"}, registry.Invalid{Field: registry.FieldPhone, Reason: registry.ReasonNotNumber}},
		"unknown channel": {registry.FieldChange{Field: registry.ChangedChannel, Value: "99999"}, registry.ErrUnknownChoice},
		"of a pet":        {registry.FieldChange{Field: registry.ChangedSpecies, Value: "1"}, registry.ErrIncomplete},
	} {
		if _, err := d.ChangeOwner(t.Context(), d.mona, owner.ID, owner.Version, test.to); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
	}
	if diff := cmp.Diff(pet, d.pet(pet.ID)); diff != "" {
		t.Errorf("what was refused was done:\n%s", diff)
	}
	for _, by := range []staff.Member{
		{ClinicID: d.mona.ClinicID, StaffID: d.mona.StaffID, Role: staff.RoleAdmin, Access: staff.AccessFull},
		{ClinicID: d.mona.ClinicID, StaffID: d.mona.StaffID, Role: staff.RoleReceptionist, Access: staff.AccessRead},
	} {
		_, changing := d.ChangeOwner(t.Context(), by, owner.ID, 1, registry.FieldChange{Field: registry.ChangedNote, Value: "x"})
		_, changingPet := d.ChangePet(t.Context(), by, pet.ID, 1, registry.FieldChange{Field: registry.ChangedNote, Value: "x"})
		_, moving := d.MovePet(t.Context(), by, pet.ID, 1, owner.ID)
		for _, err := range []error{changing, changingPet, moving} {
			if !errors.Is(err, staff.ErrNotAllowed) {
				t.Errorf("%s with access %d: %v", by.Role, by.Access, err)
			}
		}
	}
}

func TestChangeOfAnOldVersionTellsTheFirsts(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	seen := d.register(d.mona, ahmed(1))
	first, err := d.ChangeOwner(t.Context(), d.mona, seen.ID, seen.Version, registry.FieldChange{Field: registry.ChangedName, Value: "Ahmed Aly"})
	d.must(err)

	_, err = d.ChangeOwner(t.Context(), d.hany(), seen.ID, seen.Version, registry.FieldChange{Field: registry.ChangedName, Value: "Ahmad Ali"})
	var changed *registry.OwnerChanged
	if !errors.As(err, &changed) || !errors.Is(err, registry.ErrChanged) {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff(first, changed.Now); diff != "" {
		t.Errorf("the card as it is now (-want +got):\n%s", diff)
	}
	if len(changed.Since) != 1 || changed.Since[0].After != "Ahmed Aly" || changed.Since[0].By != d.mona.Name {
		t.Errorf("since: %+v", changed.Since)
	}
	got, err := d.ChangeOwner(t.Context(), d.hany(), seen.ID, changed.Now.Version, registry.FieldChange{Field: registry.ChangedName, Value: "Ahmad Ali"})
	if err != nil || got.Name != "Ahmad Ali" {
		t.Errorf("applied anyway: %+v, %v", got, err)
	}
	// What is as wanted already is no conflict, whatever was seen.
	got, err = d.ChangeOwner(t.Context(), d.mona, seen.ID, seen.Version, registry.FieldChange{Field: registry.ChangedName, Value: "Ahmad Ali"})
	if err != nil || got.Version != 3 {
		t.Errorf("sent twice: %+v, %v", got, err)
	}

	pet := d.pet(seen.Pets[0].ID)
	_, err = d.ChangePet(t.Context(), d.mona, pet.ID, pet.Version, registry.FieldChange{Field: registry.ChangedWeight, Value: "4500"})
	d.must(err)
	_, err = d.ChangePet(t.Context(), d.mona, pet.ID, pet.Version, registry.FieldChange{Field: registry.ChangedSex, Value: "male"})
	var petChanged *registry.PetChanged
	if !errors.As(err, &petChanged) || petChanged.Now.WeightGrams != 4500 || len(petChanged.Since) != 1 {
		t.Errorf("got %v, %+v", err, petChanged)
	}
}

func TestASecondPhoneThatIsTheFirstIsNone(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	what := ahmed(1)
	what.SecondPhone = "+20223456789"
	owner := d.register(d.mona, what)
	got, err := d.ChangeOwner(t.Context(), d.mona, owner.ID, 1, registry.FieldChange{Field: registry.ChangedPhone, Value: what.SecondPhone})
	if err != nil || got.Phone != what.SecondPhone || got.SecondPhone != "" {
		t.Errorf("got %q and %q, %v", got.Phone, got.SecondPhone, err)
	}
	got, err = d.ChangeOwner(t.Context(), d.mona, owner.ID, got.Version, registry.FieldChange{Field: registry.ChangedSecondPhone, Value: got.Phone})
	if err != nil || got.SecondPhone != "" {
		t.Errorf("got %q, %v", got.SecondPhone, err)
	}
}

func TestOfManyChangesAtOnceOneWins(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.register(d.mona, ahmed(1))
	notes := []string{"one", "two", "three", "four", "five", "six"}
	errs := make([]error, len(notes))
	var wg sync.WaitGroup
	for i, note := range notes {
		wg.Go(func() {
			_, errs[i] = d.ChangeOwner(t.Context(), d.mona, owner.ID, owner.Version, registry.FieldChange{Field: registry.ChangedNote, Value: note})
		})
	}
	wg.Wait()
	won := ""
	for i, err := range errs {
		switch {
		case err == nil && won == "":
			won = notes[i]
		case !errors.Is(err, registry.ErrChanged):
			t.Errorf("%s: %v", notes[i], err)
		}
	}
	got := d.card(d.mona, owner.ID)
	if got.Note != won || got.Version != 2 || len(d.ownerHistory(owner.ID)) != 1 {
		t.Errorf("%q won, the card has %q, version %d", won, got.Note, got.Version)
	}
}

func TestMovePet(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	giver := d.register(d.mona, ahmed(2))
	receiver := d.register(d.mona, registry.Registration{
		Key: db.NewKey(), Name: "Mona Said", Phone: "+201007777777", Pets: []registry.NewPet{{Name: "Rex", SpeciesID: 1}},
	})
	pet := d.pet(giver.Pets[0].ID)
	for range 2 { // the second changes nothing
		moved, err := d.MovePet(t.Context(), d.mona, pet.ID, pet.Version, receiver.ID)
		if err != nil || moved.Owner.ID != receiver.ID || moved.Version != 2 || moved.Code != pet.Code {
			t.Errorf("got %+v, %v", moved, err)
		}
	}
	if left, has := d.card(d.mona, giver.ID).Pets, d.card(d.mona, receiver.ID).Pets; len(left) != 1 || len(has) != 2 {
		t.Errorf("%d pets left, %d there", len(left), len(has))
	}
	away, here := d.ownerHistory(giver.ID), d.ownerHistory(receiver.ID)
	if len(away) != 1 || len(here) != 1 {
		t.Fatalf("told of on the cards: %+v, %+v", away, here)
	}
	if diff := cmp.Diff([]registry.Change{
		{Kind: registry.KindMoved, Field: registry.MovedAway, Before: "Mimi", After: "Mona Said"},
		{Kind: registry.KindMoved, Field: registry.MovedHere, Before: "Ahmed Ali", After: "Mona Said", PetID: pet.ID, Pet: "Mimi"},
	}, []registry.Change{away[0], here[0]}, noID, cmpopts.IgnoreFields(registry.Change{}, "At", "By")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	_, err := d.MovePet(t.Context(), d.mona, pet.ID, pet.Version, giver.ID)
	if !errors.Is(err, registry.ErrChanged) {
		t.Errorf("of an old version: %v", err)
	}
	_, err = d.MovePet(t.Context(), d.mona, pet.ID, 2, giver.ID+1000)
	if !errors.Is(err, registry.ErrNotFound) {
		t.Errorf("to nobody: %v", err)
	}
}

func TestAddingAPetIsNotedOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.register(d.mona, ahmed(1))
	key := db.NewKey()
	for range 2 {
		got, err := d.AddPets(t.Context(), d.mona, owner.ID, key, []registry.NewPet{{Name: "Rex", SpeciesID: 1}})
		if err != nil || len(got.Pets) != 2 {
			t.Fatalf("%d pets, %v", len(got.Pets), err)
		}
	}
	history := d.ownerHistory(owner.ID)
	if len(history) != 1 || history[0].Kind != registry.KindAdded || history[0].Pet != "Rex" {
		t.Errorf("noted %+v", history)
	}
}

func TestPetsByMicrochip(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.register(d.mona, ahmed(2))
	const chip = "900123456789012"
	for _, pet := range owner.Pets {
		_, err := d.ChangePet(t.Context(), d.mona, pet.ID, 1, registry.FieldChange{Field: registry.ChangedMicrochip, Value: chip})
		d.must(err)
	}
	got, err := d.PetsByMicrochip(t.Context(), d.mona, chip, owner.Pets[0].ID)
	d.must(err)
	want := []registry.Chipped{{PetID: owner.Pets[1].ID, Name: "Mimi", SpeciesID: 2, OwnerID: owner.ID, OwnerName: owner.Name}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if got, err := d.PetsByMicrochip(t.Context(), d.salma, chip, 0); err != nil || len(got) > 0 {
		t.Errorf("another clinic's: %+v, %v", got, err)
	}
}

var noID = cmpopts.IgnoreFields(registry.Change{}, "ID")

// hany owns Mona's clinic. He speaks through her membership: only the role counts here.
func (d *desk) hany() staff.Member {
	hany := d.mona
	hany.Role = staff.RoleClinicOwner
	return hany
}

func (d *desk) pet(petID int64) registry.PetCard {
	d.t.Helper()
	pet, err := d.PetCard(d.t.Context(), d.mona, petID)
	d.must(err)
	return pet
}

func (d *desk) ownerHistory(ownerID int64) []registry.Change {
	d.t.Helper()
	changes, _, err := d.OwnerHistory(d.t.Context(), d.hany(), ownerID, 0)
	d.must(err)
	return changes
}
