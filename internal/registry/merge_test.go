package registry_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
)

// rows is every owner or pet of a member's clinic as the database has it, by id; versions aside, which only rise.
func (d *desk) rows(by staff.Member, table string) map[int64]string {
	d.t.Helper()
	found, err := by.Scope(d.db).Query(d.t.Context(), `
		SELECT `+strings.TrimSuffix(table, "s")+`_id, (to_jsonb(x) - 'version')::text FROM `+table+` x`)
	d.must(err)
	rows := map[int64]string{}
	var id int64
	var text string
	_, err = pgx.ForEachRow(found, []any{&id, &text}, func() error { rows[id] = text; return nil })
	d.must(err)
	return rows
}

// all is the registry of a clinic, to be compared.
func (d *desk) all(by staff.Member) map[string]map[int64]string {
	d.t.Helper()
	return map[string]map[int64]string{"owners": d.rows(by, "owners"), "pets": d.rows(by, "pets")}
}

func (d *desk) merge(kept, twin registry.Owner, apart ...int64) registry.Owner {
	d.t.Helper()
	owner, err := d.Merge(d.t.Context(), d.mona, registry.Merging{Key: db.NewKey(), KeptID: kept.ID, TwinID: twin.ID, Apart: apart})
	d.must(err)
	return owner
}

// undo undoes the latest merge into an owner.
func (d *desk) undo(ownerID int64) registry.Merge {
	d.t.Helper()
	last := d.card(d.mona, ownerID).Merged
	if last == nil {
		d.t.Fatal("the card tells of no merge")
	}
	merge, err := d.UndoMerge(d.t.Context(), d.mona, last.ID)
	d.must(err)
	return merge
}

func owner(name, phone, second string, pets ...registry.NewPet) registry.Registration {
	return registry.Registration{Key: db.NewKey(), Name: name, Phone: phone, SecondPhone: second, Pets: pets}
}

func TestMerge(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	kept := d.register(d.mona, owner("Ahmed Ali", "+201001234567", "",
		registry.NewPet{Name: "Rex", SpeciesID: dog}, registry.NewPet{Name: "Lulu", SpeciesID: cat}))
	twin := d.register(d.mona, owner("Ahmad Aly", "+201119999999", "+201001234567",
		registry.NewPet{Name: "REX", SpeciesID: dog, Birth: known(registry.PrecisionMonth, 2021, 3, 1)},
		registry.NewPet{Name: "Lulu", SpeciesID: dog}, registry.NewPet{Name: "Mimi", SpeciesID: cat}))
	d.do(d.mona, "UPDATE owners SET note = 'Pays in cash', channel_id = 1 WHERE owner_id = $1", twin.ID)
	d.do(d.mona, "UPDATE owners SET note = 'Calls at night' WHERE owner_id = $1", kept.ID)
	d.do(d.mona, "UPDATE pets SET breed = 'Baladi', alert = 'Bites' WHERE pet_id = $1", twin.Pets[0].ID)
	before := d.all(d.mona)

	plan, err := d.PlanMerge(t.Context(), d.mona, registry.Merging{KeptID: kept.ID, TwinID: twin.ID})
	d.must(err)
	if diff := cmp.Diff([]registry.SamePet{{Kept: kept.Pets[0].ID, Twin: twin.Pets[0].ID}}, plan.Pairs); diff != "" {
		t.Errorf("the same pets (-want +got):\n%s", diff)
	}
	if plan.SecondPhone != "+201119999999" || len(plan.NotedPhones) > 0 || !plan.TakesNote || plan.ChannelID != 1 || len(plan.Moving) != 2 {
		t.Errorf("the plan is %+v", plan)
	}
	if diff := cmp.Diff(before, d.all(d.mona)); diff != "" {
		t.Errorf("a plan has changed something:\n%s", diff)
	}

	got := d.merge(kept, twin)
	if got.ID != kept.ID || got.Name != "Ahmed Ali" || got.SecondPhone != "+201119999999" || got.ChannelID != 1 ||
		got.Note != "Calls at night\nPays in cash" {
		t.Errorf("the card kept is %+v", got)
	}
	if names := petNames(got); !slices.Equal(names, []string{"Rex", "Lulu", "Lulu", "Mimi"}) {
		t.Errorf("its pets are %q", names)
	}
	if rex := got.Pets[0]; rex.Birth != known(registry.PrecisionMonth, 2021, 3, 1) || rex.Alert != "Bites" || rex.ID != kept.Pets[0].ID {
		t.Errorf("the pet of two is %+v", rex)
	}
	if got.Merged == nil || got.Merged.TwinName != "Ahmad Aly" || !got.Merged.At.Equal(today.Add(10*time.Hour)) {
		t.Errorf("the card tells of the merge %+v", got.Merged)
	}

	d.undo(kept.ID)
	if diff := cmp.Diff(before, d.all(d.mona)); diff != "" {
		t.Errorf("after undoing (-before +after):\n%s", diff)
	}
	if again := d.card(d.mona, twin.ID); again.ID != twin.ID || len(again.Pets) != 3 {
		t.Errorf("the twin's card is %+v", again)
	}
}

func TestCodesOfTheMergedFindWhoWasKept(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a, b, c := d.register(d.mona, ahmed(1)), d.register(d.mona, ahmed(2)), d.register(d.mona, ahmed(1))
	d.merge(b, c) // c went into b, and one cat of theirs into one of b's
	d.merge(a, b) // and b into a

	for _, code := range []string{a.Code, b.Code, c.Code} {
		if got, err := d.OwnerByCode(t.Context(), d.mona, code); err != nil || got.ID != a.ID {
			t.Errorf("%s finds %d, %v, want %d", code, got.ID, err, a.ID)
		}
	}
	for _, pet := range []registry.Pet{a.Pets[0], b.Pets[0], c.Pets[0]} {
		got, err := d.PetByCode(t.Context(), d.mona, pet.Code)
		if err != nil || got.ID != a.Pets[0].ID || got.Owner.ID != a.ID {
			t.Errorf("%s finds the pet %d of %d, %v, want %d of %d", pet.Code, got.ID, got.Owner.ID, err, a.Pets[0].ID, a.ID)
		}
	}
	if other, err := d.PetByCode(t.Context(), d.mona, b.Pets[1].Code); err != nil || other.ID != b.Pets[1].ID || other.Owner.ID != a.ID {
		t.Errorf("the pet that moved is %+v, %v", other, err)
	}
	known, err := d.OwnersByPhone(t.Context(), d.mona, a.Phone)
	if err != nil || len(known) != 1 || known[0].ID != a.ID {
		t.Errorf("by phone: %+v, %v", known, err)
	}

	d.undo(a.ID)
	if got, err := d.OwnerByCode(t.Context(), d.mona, c.Code); err != nil || got.ID != b.ID {
		t.Errorf("after undoing, %s finds %d, %v, want %d", c.Code, got.ID, err, b.ID)
	}
	if got, err := d.PetByCode(t.Context(), d.mona, c.Pets[0].Code); err != nil || got.ID != b.Pets[0].ID {
		t.Errorf("after undoing, %s finds the pet %d, %v, want %d", c.Pets[0].Code, got.ID, err, b.Pets[0].ID)
	}
}

func TestPhonesThatFindNoPlaceGoIntoTheNote(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	kept := d.register(d.mona, owner("Ahmed Ali", "+201001234567", "+201001234568", registry.NewPet{Name: "Rex", SpeciesID: dog}))
	twin := d.register(d.mona, owner("Mona Ali", "+201119999999", "+201001234568", registry.NewPet{Name: "Mimi", SpeciesID: cat}))
	plan, err := d.PlanMerge(t.Context(), d.mona, registry.Merging{KeptID: kept.ID, TwinID: twin.ID})
	d.must(err)
	if !slices.Equal(plan.NotedPhones, []string{"+201119999999"}) || plan.SecondPhone != "" {
		t.Errorf("the plan is %+v", plan)
	}
	if got := d.merge(kept, twin); got.Note != "Mona Ali: +201119999999" || got.SecondPhone != "+201001234568" {
		t.Errorf("the card is %+v", got)
	}
}

// A phone that found no place on the card that stays finds that card all the same, for as long as the two are one.
func TestPhonesOfTheMergedFindWhoWasKept(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	const third = "+201228887766"
	kept := d.register(d.mona, owner("Ahmed Ali", "+201001234567", "+201007654321", registry.NewPet{Name: "Rex", SpeciesID: dog}))
	twin := d.register(d.mona, owner("Ahmad Aly", third, "", registry.NewPet{Name: "Mimi", SpeciesID: cat}))
	last := d.register(d.mona, owner("Ahmed Aly", "+201011111111", "+201012222222", registry.NewPet{Name: "Lulu", SpeciesID: cat}))
	holds := func(when string, want ...string) {
		t.Helper()
		var known []string
		who, err := d.OwnersByPhone(t.Context(), d.mona, third)
		d.must(err)
		for _, one := range who {
			known = append(known, one.Name)
		}
		if !slices.Equal(known, want) {
			t.Errorf("%s the phone is known of %q, want %q", when, known, want)
		}
		for _, typed := range []string{"0122 888 7766", "7766", "01228"} {
			page, err := d.Search(t.Context(), d.mona, typed, registry.Mark{})
			d.must(err)
			var found []string
			for _, hit := range page.Hits {
				found = append(found, hit.Name)
			}
			if !slices.Equal(found, want) || page.Total != len(want) {
				t.Errorf("%s %s finds %q of %d, want %q", when, typed, found, page.Total, want)
			}
		}
	}
	mona := d.mona
	mona.Role = staff.RoleClinicOwner

	holds("at first", "Ahmad Aly")
	d.merge(kept, twin)
	holds("after merging", "Ahmed Ali")
	_, err := d.DeleteOwner(t.Context(), mona, kept.ID, d.card(mona, kept.ID).Version)
	d.must(err)
	holds("after deleting that card")
	_, err = d.RestoreOwner(t.Context(), mona, kept.ID)
	d.must(err)
	holds("after undoing the deletion", "Ahmed Ali")
	d.merge(last, kept)
	holds("after merging that card", "Ahmed Aly")
	d.undo(last.ID)
	holds("after taking it out again", "Ahmed Ali")
	d.undo(kept.ID)
	holds("after taking the first out too", "Ahmad Aly")
}

func TestNotesTooLongTogether(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	kept, twin := d.register(d.mona, ahmed(1)), d.register(d.mona, ahmed(1))
	d.do(d.mona, "UPDATE pets SET alert = repeat(pet_id::text, 30)") // shorter than 500, each another one
	d.do(d.mona, "UPDATE pets SET alert = alert || repeat('ا', 400 - char_length(alert))")
	merging := registry.Merging{Key: db.NewKey(), KeptID: kept.ID, TwinID: twin.ID}
	before := d.all(d.mona)
	if _, err := d.Merge(t.Context(), d.mona, merging); !errors.Is(err, registry.ErrTooMuchText) {
		t.Errorf("alerts of 800 together: %v", err)
	}
	if diff := cmp.Diff(before, d.all(d.mona)); diff != "" {
		t.Errorf("a refused merge has changed something:\n%s", diff)
	}
	merging.Apart = []int64{twin.Pets[0].ID}
	if got, err := d.Merge(t.Context(), d.mona, merging); err != nil || len(got.Pets) != 2 {
		t.Errorf("with the pets apart: %+v, %v", got.Pets, err)
	}
}

func TestPetsThatAreNotTheSame(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		kept, twin string // what is set of the pets, both called Mimi
		same       bool
	}{
		"nothing known":            {"name = 'مِيمى'", "name = 'ميمي'", true},
		"another species":          {"species_id = 1", "species_id = 2", false},
		"another chip":             {"microchip = '100000000000001'", "microchip = '100000000000002'", false},
		"one chip":                 {"microchip = '100000000000001'", "microchip = '100000000000001'", true},
		"a chip on one card":       {"microchip = '100000000000001'", "sex = 'male'", true},
		"died on one card":         {"deceased_on = '2026-01-01'", "birth_date = '2020-01-01', birth_precision = 'year'", true},
		"died before it was born":  {"deceased_on = '2019-01-01'", "birth_date = '2020-01-01', birth_precision = 'year'", false},
		"born after the other die": {"birth_date = '2020-01-01', birth_precision = 'day'", "deceased_on = '2019-12-31'", false},
		"deleted":                  {"sex = 'male'", "deleted_at = now(), deleted_by = registered_by", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			kept, twin := d.register(d.mona, ahmed(1)), d.register(d.mona, ahmed(1))
			d.do(d.mona, "UPDATE pets SET "+c.kept+" WHERE owner_id = $1", kept.ID)
			d.do(d.mona, "UPDATE pets SET "+c.twin+" WHERE owner_id = $1", twin.ID)
			before := d.all(d.mona)
			plan, err := d.PlanMerge(t.Context(), d.mona, registry.Merging{KeptID: kept.ID, TwinID: twin.ID})
			d.must(err)
			if got := len(plan.Pairs) == 1; got != c.same {
				t.Errorf("the same: %t, want %t", got, c.same)
			}
			d.merge(kept, twin)
			d.undo(kept.ID)
			if diff := cmp.Diff(before, d.all(d.mona)); diff != "" {
				t.Errorf("after undoing (-before +after):\n%s", diff)
			}
		})
	}
}

func TestMergesThatAreRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a, b, c, other := d.register(d.mona, ahmed(1)), d.register(d.mona, ahmed(1)), d.register(d.mona, ahmed(1)), d.register(d.salma, ahmed(1))
	gone := d.register(d.mona, ahmed(1))
	d.do(d.mona, "UPDATE owners SET deleted_at = now(), deleted_by = registered_by WHERE owner_id = $1", gone.ID)
	d.merge(a, b)
	reader := d.mona
	reader.Access = staff.AccessRead
	before, beforeOther := d.all(d.mona), d.all(d.salma)
	for name, c := range map[string]struct {
		by         staff.Member
		kept, twin int64
		want       error
	}{
		"into itself":                  {d.mona, a.ID, a.ID, registry.ErrSameCard},
		"once more":                    {d.mona, a.ID, b.ID, registry.ErrMerged},
		"in a circle":                  {d.mona, b.ID, a.ID, registry.ErrMerged},
		"into one that is merged":      {d.mona, b.ID, c.ID, registry.ErrMerged},
		"one that is merged elsewhere": {d.mona, c.ID, b.ID, registry.ErrMerged},
		"another clinic's":             {d.mona, a.ID, other.ID, registry.ErrNotFound},
		"into another clinic's":        {d.mona, other.ID, a.ID, registry.ErrNotFound},
		"from another clinic":          {d.salma, a.ID, c.ID, registry.ErrNotFound},
		"one that is deleted":          {d.mona, a.ID, gone.ID, registry.ErrNotFound},
		"into one that is deleted":     {d.mona, gone.ID, c.ID, registry.ErrNotFound},
		"nobody":                       {d.mona, a.ID, -7, registry.ErrNotFound},
		"by who may only read":         {reader, a.ID, c.ID, staff.ErrNotAllowed},
	} {
		_, err := d.Merge(t.Context(), c.by, registry.Merging{Key: db.NewKey(), KeptID: c.kept, TwinID: c.twin})
		_, planned := d.PlanMerge(t.Context(), c.by, registry.Merging{KeptID: c.kept, TwinID: c.twin})
		if !errors.Is(err, c.want) || !errors.Is(planned, c.want) {
			t.Errorf("%s: merged %v, planned %v, want %v", name, err, planned, c.want)
		}
	}
	if diff := cmp.Diff(before, d.all(d.mona)) + cmp.Diff(beforeOther, d.all(d.salma)); diff != "" {
		t.Errorf("refused merges have changed something:\n%s", diff)
	}
}

func TestMergeConfirmedAfterAChange(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a, b := d.register(d.mona, ahmed(1)), d.register(d.mona, ahmed(1))
	merging := registry.Merging{Key: db.NewKey(), KeptID: a.ID, TwinID: b.ID}
	plan, err := d.PlanMerge(t.Context(), d.mona, merging)
	d.must(err)
	_, err = d.AddPets(t.Context(), d.mona, b.ID, db.NewKey(), []registry.NewPet{{Name: "Rex", SpeciesID: dog}})
	d.must(err)
	merging.Seen = plan.Seen
	if _, err := d.Merge(t.Context(), d.mona, merging); !errors.Is(err, registry.ErrMergeOutdated) {
		t.Errorf("of a card that has changed: %v", err)
	}
	again, err := d.PlanMerge(t.Context(), d.mona, merging)
	d.must(err)
	merging.Seen = again.Seen
	got, err := d.Merge(t.Context(), d.mona, merging)
	if err != nil || len(got.Pets) != 2 {
		t.Errorf("of the card as it is: %+v, %v", got, err)
	}
	repeated, err := d.Merge(t.Context(), d.mona, merging)
	if diff := cmp.Diff(got, repeated); err != nil || diff != "" || d.count(d.mona, "merges") != 1 {
		t.Errorf("under the same key: %v, %d merges\n%s", err, d.count(d.mona, "merges"), diff)
	}
}

func TestUndoingThatIsRefused(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	now := clock.At(today)
	d.Registry = registry.New(d.db, now)
	a, b, c, e := d.register(d.mona, ahmed(1)), d.register(d.mona, ahmed(1)), d.register(d.mona, ahmed(1)), d.register(d.mona, ahmed(1))
	undo := func(by staff.Member, id int64, want error) {
		t.Helper()
		_, found := d.FindMerge(t.Context(), by, id)
		_, err := d.UndoMerge(t.Context(), by, id)
		if !errors.Is(err, want) || !errors.Is(found, want) {
			t.Errorf("undone: %v, found: %v, want %v", err, found, want)
		}
	}
	first := d.merge(a, b).Merged.ID
	undo(d.salma, first, registry.ErrNotFound)
	undo(d.mona, first+100, registry.ErrNotFound)
	second := d.merge(a, c).Merged.ID
	undo(d.mona, first, registry.ErrMergeFollowed)
	third := d.merge(e, a).Merged.ID
	undo(d.mona, second, registry.ErrMerged)
	undo(d.mona, third, nil)
	undo(d.mona, third, registry.ErrMergeUndone)
	now.Advance(registry.MergeUndoTime - time.Second)
	undo(d.mona, second, nil)
	now.Advance(time.Second)
	undo(d.mona, first, registry.ErrMergeTooOld)
	if card := d.card(d.mona, a.ID); card.Merged != nil {
		t.Errorf("the card still offers to undo %+v", card.Merged)
	}
	d.merge(a, c) // once more, after it was undone
	reader := d.mona
	reader.Access = staff.AccessRead
	if _, err := d.UndoMerge(t.Context(), reader, first); !errors.Is(err, staff.ErrNotAllowed) {
		t.Errorf("by who may only read: %v", err)
	}
}

// TestUndoKeepsWhatWasChangedSince does to the card that was kept what people do in a month.
func TestUndoKeepsWhatWasChangedSince(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a := d.register(d.mona, owner("Ahmed Ali", "+201001234567", "", registry.NewPet{Name: "Rex", SpeciesID: dog}))
	b := d.register(d.mona, owner("Ahmad Aly", "+201119999999", "", registry.NewPet{Name: "Rex", SpeciesID: dog},
		registry.NewPet{Name: "Mimi", SpeciesID: cat}, registry.NewPet{Name: "Lulu", SpeciesID: cat}))
	d.do(d.mona, "UPDATE pets SET breed = 'Baladi', colour = 'black' WHERE pet_id = $1", b.Pets[0].ID)
	other := d.register(d.mona, ahmed(1))
	d.merge(a, b)

	d.do(d.mona, "UPDATE owners SET second_phone = '+201112222222', full_name = 'Ahmed Ali Hassan' WHERE owner_id = $1", a.ID)
	d.do(d.mona, "UPDATE pets SET breed = 'Saluki' WHERE pet_id = $1", a.Pets[0].ID)
	d.do(d.mona, "UPDATE pets SET owner_id = $2 WHERE pet_id = $1", b.Pets[1].ID, other.ID) // Mimi is given away
	d.do(d.mona, "UPDATE pets SET deleted_at = now(), deleted_by = registered_by WHERE pet_id = $1", b.Pets[2].ID)
	_, err := d.AddPets(t.Context(), d.mona, b.ID, db.NewKey(), []registry.NewPet{{Name: "Kiki", SpeciesID: 3}})
	d.must(err) // by a button on the twin's card of yesterday
	d.undo(a.ID)

	kept, twin := d.card(d.mona, a.ID), d.card(d.mona, b.ID)
	if kept.SecondPhone != "+201112222222" || kept.Name != "Ahmed Ali Hassan" {
		t.Errorf("the card kept lost what was changed: %+v", kept)
	}
	if names := petNames(kept); !slices.Equal(names, []string{"Rex", "Kiki"}) {
		t.Errorf("the card kept has the pets %q", names)
	}
	if names := petNames(twin); !slices.Equal(names, []string{"Rex"}) || twin.Phone != "+201119999999" {
		t.Errorf("the twin's card is %+v", twin)
	}
	if names := petNames(d.card(d.mona, other.ID)); !slices.Contains(names, "Mimi") || len(names) != 2 {
		t.Errorf("who was given a pet has %q", names)
	}
	rex, err := d.PetCard(t.Context(), d.mona, a.Pets[0].ID)
	d.must(err)
	if rex.Breed != "Saluki" || rex.Colour != "" {
		t.Errorf("the pet kept is %+v", rex)
	}
	d.do(d.mona, "UPDATE pets SET deleted_at = NULL, deleted_by = NULL WHERE pet_id = $1", b.Pets[2].ID)
	if names := petNames(d.card(d.mona, b.ID)); !slices.Equal(names, []string{"Rex", "Lulu"}) {
		t.Errorf("a deletion taken back after that leaves the twin %q", names)
	}
}

func TestMergesAtOnce(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a, b := d.register(d.mona, ahmed(2)), d.register(d.mona, ahmed(1))
	before := d.all(d.mona)
	var all sync.WaitGroup
	results := make(chan error, 8)
	for i := range 8 { // half of them the one way, half the other
		merging := registry.Merging{Key: db.NewKey(), KeptID: a.ID, TwinID: b.ID}
		if i%2 == 1 {
			merging.KeptID, merging.TwinID = b.ID, a.ID
		}
		all.Go(func() {
			_, err := d.Merge(context.Background(), d.mona, merging)
			results <- err
		})
	}
	all.Wait()
	close(results)
	merged := 0
	for err := range results {
		if err == nil {
			merged++
		} else if !errors.Is(err, registry.ErrMerged) {
			t.Error(err)
		}
	}
	if merged != 1 {
		t.Fatalf("%d of 8 merges at once went through, want 1", merged)
	}
	kept := d.card(d.mona, a.ID)
	if len(kept.Pets) != 2 { // two cats of one name, one of which is the twin's
		t.Errorf("the card kept is %+v", kept)
	}
	d.undo(kept.ID)
	if diff := cmp.Diff(before, d.all(d.mona)); diff != "" {
		t.Errorf("after undoing (-before +after):\n%s", diff)
	}
}

// TestPetAddedWhileMerging adds a pet to a card that is going into another at this moment: the pet comes along.
func TestPetAddedWhileMerging(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for range 10 {
		a, b := d.register(d.mona, ahmed(1)), d.register(d.mona, ahmed(1))
		var both sync.WaitGroup
		both.Go(func() {
			_, err := d.Merge(context.Background(), d.mona, registry.Merging{Key: db.NewKey(), KeptID: a.ID, TwinID: b.ID})
			if err != nil {
				t.Error(err)
			}
		})
		both.Go(func() {
			_, err := d.AddPets(context.Background(), d.mona, b.ID, db.NewKey(), []registry.NewPet{{Name: "Rex", SpeciesID: dog}})
			if err != nil {
				t.Error(err)
			}
		})
		both.Wait()
		if names := petNames(d.card(d.mona, a.ID)); !slices.Equal(names, []string{"Mimi", "Rex"}) {
			t.Errorf("the card kept has the pets %q", names)
		}
	}
}

func TestMergeIsTold(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	a, b := d.register(d.mona, ahmed(1)), d.register(d.mona, ahmed(1))
	d.do(d.mona, "UPDATE owners SET full_name = 'Ahmad Aly' WHERE owner_id = $1", b.ID)
	d.merge(a, b)
	d.undo(a.ID)
	boss := d.mona
	boss.Role = staff.RoleClinicOwner
	type line struct {
		Kind                      registry.ChangeKind
		Field, Pet, Before, After string
	}
	told := func(ownerID int64) (lines []line) {
		changes, _, err := d.OwnerHistory(t.Context(), boss, ownerID, 0)
		d.must(err)
		for _, c := range changes {
			lines = append(lines, line{c.Kind, c.Field, c.Pet, c.Before, c.After})
		}
		return lines
	}
	want := map[string][]line{
		"the card kept": {
			{registry.KindUnmerged, "pet", "Mimi", "Mimi", "Mimi"},
			{registry.KindUnmerged, "owner", "", "Ahmad Aly", "Ahmed Ali"},
			{registry.KindMerged, "pet", "Mimi", "Mimi", "Mimi"},
			{registry.KindMerged, "owner", "", "Ahmad Aly", "Ahmed Ali"},
		},
		"the twin's": {
			{registry.KindUnmerged, "gone", "", "Ahmad Aly", "Ahmed Ali"},
			{registry.KindMerged, "gone", "", "Ahmad Aly", "Ahmed Ali"},
		},
	}
	if diff := cmp.Diff(want, map[string][]line{"the card kept": told(a.ID), "the twin's": told(b.ID)}); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestMergesKnowEveryColumn wants a decision about a new column: taken over (petFacts or Registry.merge, and
// queries/merges.sql), or left to the row that stays.
func TestMergesKnowEveryColumn(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for table, want := range map[string]string{
		"owners": "channel_id clinic_id code deleted_at deleted_by full_name merged_into note owner_id phone registered_at registered_by " +
			"registration_key second_phone version",
		"pets": "alert birth_date birth_precision breed clinic_id code colour deceased_on deleted_at deleted_by merged_into microchip name " +
			"neutered note ordinal owner_id pet_id photo_file_id registered_at registered_by registration_key sex species_id version weight_grams",
	} {
		var got string
		d.must(d.mona.Scope(d.db).QueryRow(t.Context(), `SELECT string_agg(attname, ' ' ORDER BY attname) FROM pg_attribute
			WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped`, table).Scan(&got))
		if diff := cmp.Diff(strings.Fields(want), strings.Fields(got)); diff != "" {
			t.Errorf("%s: columns known to merges (-) and there (+):\n%s", table, diff)
		}
	}
}

// TestPetMovedWhileMerging gives a pet away from a card that is going into another at this moment: it is with either of the
// two in the end, and nobody gets an error that is none of theirs.
func TestPetMovedWhileMerging(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	for range 10 {
		a, b := d.register(d.mona, ahmed(1)), d.register(d.mona, owner("Ahmad Aly", "+201119999999", "", registry.NewPet{Name: "Rex", SpeciesID: dog}))
		var both sync.WaitGroup
		both.Go(func() {
			_, err := d.Merge(context.Background(), d.mona, registry.Merging{Key: db.NewKey(), KeptID: a.ID, TwinID: b.ID})
			if err != nil {
				t.Error(err)
			}
		})
		both.Go(func() {
			_, err := d.MovePet(context.Background(), d.mona, a.Pets[0].ID, 1, b.ID) // to the card that goes
			if err != nil && !errors.Is(err, registry.ErrNotFound) && !errors.Is(err, registry.ErrChanged) {
				t.Error(err)
			}
		})
		both.Wait()
		if names := petNames(d.card(d.mona, a.ID)); !slices.Equal(names, []string{"Mimi", "Rex"}) {
			t.Errorf("the card kept has the pets %q", names)
		}
	}
}
