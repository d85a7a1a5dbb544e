package registry_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"vetalyze/db"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
)

// A town is a clinic of its own with owners of few names, so that many look like one another.
type town struct {
	*desk
	by     staff.Member
	owners []registry.Owner
}

func newTown(d *desk, r *rapid.T) *town {
	t := &town{desk: d}
	number := rapid.Int64Range(1, 1e9-1).Draw(r, "clinic")
	t.by = d.receptionist("Huda Samir", fmt.Sprintf("+2015%08d", number%1e8), number+1e9)
	for range rapid.IntRange(3, 6).Draw(r, "owners") {
		phone := rapid.Custom(func(r *rapid.T) string { return fmt.Sprintf("+20100000000%d", rapid.IntRange(0, 4).Draw(r, "phone")) })
		what := registry.Registration{Key: db.NewKey(), Name: rapid.SampledFrom([]string{"Ahmed Ali", "أحمد علي"}).Draw(r, "name"), Phone: phone.Draw(r, "first")}
		if rapid.Bool().Draw(r, "has a second") {
			what.SecondPhone = phone.Draw(r, "second")
		}
		for range rapid.IntRange(1, 3).Draw(r, "pets") {
			what.Pets = append(what.Pets, registry.NewPet{
				Name: rapid.SampledFrom([]string{"Mimi", "mimi", "Rex"}).Draw(r, "pet"), SpeciesID: rapid.IntRange(dog, cat).Draw(r, "species"),
			})
		}
		owner := d.register(t.by, what)
		t.set(r, "owners", "owner_id", owner.ID, "note", "'cash'", "'<b>\"\\' || chr(8232)", "channel_id", "1", "2")
		for _, pet := range owner.Pets {
			t.set(r, "pets", "pet_id", pet.ID, "breed", "'Baladi'", "'Saluki'", "sex", "'male'", "'female'", "weight_grams", "4000", "5000",
				"alert", "'bites'", "'faints'", "neutered", "true", "false", "colour", "'black'", "'white'",
				"(birth_date, birth_precision)", "('2020-01-01', 'day')", "('2021-01-01', 'year')")
		}
		t.owners = append(t.owners, d.card(t.by, owner.ID))
	}
	return t
}

// set gives some columns of a row one of two values each.
func (t *town) set(r *rapid.T, table, key string, id int64, columns ...string) {
	var sets []string
	for i := 0; i < len(columns); i += 3 {
		if value := rapid.SampledFrom([]string{"", columns[i+1], columns[i+2]}).Draw(r, columns[i]); value != "" {
			sets = append(sets, columns[i]+" = "+value)
		}
	}
	if len(sets) > 0 {
		t.do(t.by, fmt.Sprintf("UPDATE %s SET %s WHERE %s = %d", table, strings.Join(sets, ", "), key, id))
	}
}

func (t *town) drawOwner(r *rapid.T, label string) registry.Owner {
	return rapid.SampledFrom(t.owners).Draw(r, label)
}

// merge merges two owners, unless that is refused for a good reason.
func (t *town) merge(r *rapid.T) bool {
	what := registry.Merging{Key: db.NewKey(), KeptID: t.drawOwner(r, "kept").ID, TwinID: t.drawOwner(r, "twin").ID}
	for _, owner := range t.owners {
		for _, pet := range owner.Pets {
			if rapid.IntRange(0, 3).Draw(r, "apart") == 0 {
				what.Apart = append(what.Apart, pet.ID)
			}
		}
	}
	_, err := t.Merge(t.t.Context(), t.by, what)
	if err != nil && !errors.Is(err, registry.ErrMerged) && !errors.Is(err, registry.ErrSameCard) {
		r.Fatal(err)
	}
	return err == nil
}

// TestUndoingMergesGivesTheSameRows merges at random and takes it all back, the last first.
func TestUndoingMergesGivesTheSameRows(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rapid.Check(t, func(r *rapid.T) {
		town := newTown(d, r)
		befores := []map[string]map[int64]string{d.all(town.by)}
		for range rapid.IntRange(1, 6).Draw(r, "merges") {
			if town.merge(r) {
				befores = append(befores, d.all(town.by))
				town.nothingIsLost(r)
			}
		}
		for i := len(befores) - 1; i > 0; i-- {
			if diff := cmp.Diff(befores[i], d.all(town.by)); diff != "" {
				r.Fatalf("before undoing the merge %d (-then +now):\n%s", i, diff)
			}
			var id int64
			d.must(town.by.Scope(d.db).QueryRow(t.Context(), "SELECT max(merge_id) FROM merges WHERE undone_at IS NULL").Scan(&id))
			if _, err := d.UndoMerge(t.Context(), town.by, id); err != nil {
				r.Fatal(err)
			}
		}
		if diff := cmp.Diff(befores[0], d.all(town.by)); diff != "" {
			r.Fatalf("after all was undone (-before +after):\n%s", diff)
		}
	})
}

// nothingIsLost holds what is to be found now to what was registered.
func (t *town) nothingIsLost(r *rapid.T) {
	for _, was := range t.owners {
		now, err := t.OwnerByCode(t.t.Context(), t.by, was.Code)
		if err != nil {
			r.Fatalf("the owner %d is lost: %v", was.ID, err)
		}
		told := strings.Join([]string{now.Phone, now.SecondPhone, now.Note}, " ")
		for _, word := range []string{was.Phone, was.SecondPhone, was.Note} {
			if !strings.Contains(told, word) {
				r.Fatalf("%q is not on the card %+v", word, now)
			}
		}
		for _, pet := range was.Pets {
			found, err := t.PetByCode(t.t.Context(), t.by, pet.Code)
			if err != nil || found.Owner.ID != now.ID {
				r.Fatalf("the pet %d is lost, or not with its owner: %+v, %v", pet.ID, found, err)
			}
			if !strings.Contains(found.Alert, pet.Alert) || pet.Birth.Known() && !found.Birth.Known() {
				r.Fatalf("the card %+v does not tell what %+v did", found, pet)
			}
		}
	}
}

// TestLifeGoesOnBetweenMerges has people do whatever they like, and undo merges in any order they may.
func TestLifeGoesOnBetweenMerges(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	rapid.Check(t, func(r *rapid.T) {
		town := newTown(d, r)
		r.Repeat(map[string]func(*rapid.T){
			"merge": func(r *rapid.T) { town.merge(r) },
			"undo": func(r *rapid.T) {
				last := d.anyMerge(town, r)
				_, err := d.UndoMerge(t.Context(), town.by, last)
				if err != nil && !errors.Is(err, registry.ErrMergeFollowed) && !errors.Is(err, registry.ErrMerged) && !errors.Is(err, registry.ErrMergeUndone) {
					r.Fatal(err)
				}
			},
			"move a pet": func(r *rapid.T) {
				pet, err := d.PetByCode(t.Context(), town.by, rapid.SampledFrom(town.drawOwner(r, "of").Pets).Draw(r, "pet").Code)
				d.must(err)
				to, err := d.OwnerByCode(t.Context(), town.by, town.drawOwner(r, "to").Code)
				d.must(err)
				_, err = d.MovePet(t.Context(), town.by, pet.ID, pet.Version, to.ID)
				d.must(err)
			},
			"change a pet": func(r *rapid.T) {
				pet, err := d.PetByCode(t.Context(), town.by, rapid.SampledFrom(town.drawOwner(r, "of").Pets).Draw(r, "pet").Code)
				d.must(err)
				town.set(r, "pets", "pet_id", pet.ID, "breed", "NULL", "'Saluki'", "birth_precision", "birth_precision", "birth_precision")
			},
			"change an owner": func(r *rapid.T) {
				owner, err := d.OwnerByCode(t.Context(), town.by, town.drawOwner(r, "owner").Code)
				d.must(err)
				town.set(r, "owners", "owner_id", owner.ID, "second_phone", "NULL", "'+201111111111'", "note", "NULL", "'kind'")
			},
			"add a pet": func(r *rapid.T) {
				owner := town.drawOwner(r, "owner")
				_, err := d.AddPets(t.Context(), town.by, owner.ID, db.NewKey(), []registry.NewPet{{Name: "Mimi", SpeciesID: cat}})
				d.must(err)
			},
			"": func(r *rapid.T) { town.hangsTogether(r) },
		})
		town.allAreFound(r)
	})
}

func (d *desk) anyMerge(t *town, r *rapid.T) (id int64) {
	var merges []int64
	d.must(t.by.Scope(d.db).QueryRow(d.t.Context(), "SELECT coalesce(array_agg(merge_id ORDER BY merge_id), '{}') FROM merges").Scan(&merges))
	if len(merges) == 0 {
		r.Skip("nothing was merged yet")
	}
	return rapid.SampledFrom(merges).Draw(r, "merge")
}

// hangsTogether holds the rows to what is true of them at any time.
func (t *town) hangsTogether(r *rapid.T) {
	var chained, strayed, unmerged, terms, phones int
	t.must(t.by.Scope(t.db).QueryRow(t.t.Context(), `
		SELECT (SELECT count(*) FROM owners a JOIN owners b ON b.owner_id = a.merged_into WHERE b.merged_into IS NOT NULL)
		     + (SELECT count(*) FROM pets a JOIN pets b ON b.pet_id = a.merged_into WHERE b.merged_into IS NOT NULL),
		       (SELECT count(*) FROM pets JOIN owners USING (owner_id) WHERE pets.merged_into IS NULL AND owners.merged_into IS NOT NULL),
		       (SELECT count(*) FROM owners FULL JOIN (SELECT twin_id FROM merges WHERE undone_at IS NULL) m ON twin_id = owner_id
		        WHERE (merged_into IS NULL) <> (twin_id IS NULL)),
		       (SELECT count(*) FROM search_terms JOIN owners USING (owner_id) WHERE merged_into IS NOT NULL OR deleted_at IS NOT NULL),
		       (SELECT count(*)
		        FROM owners lent JOIN owners found ON found.owner_id = lent.merged_into
		        WHERE found.deleted_at IS NULL
		          AND NOT EXISTS (SELECT FROM search_terms said
		                          WHERE said.owner_id = found.owner_id AND said.pet_id = lent.owner_id AND said.term = lent.phone))
		`).Scan(&chained, &strayed, &unmerged, &terms, &phones))
	if chained+strayed+unmerged+terms+phones > 0 {
		r.Fatalf("%d rows lead to one that leads on, %d pets are with an owner who is merged, %d owners are merged by no merge or the reverse, "+
			"%d search terms are of owners who cannot be found, %d phones of merged cards find nobody", chained, strayed, unmerged, terms, phones)
	}
}

// allAreFound opens every card by its code.
func (t *town) allAreFound(r *rapid.T) {
	for _, owner := range t.owners {
		if _, err := t.OwnerByCode(t.t.Context(), t.by, owner.Code); err != nil {
			r.Fatalf("the owner %d is lost: %v", owner.ID, err)
		}
		for _, pet := range owner.Pets {
			if _, err := t.PetByCode(t.t.Context(), t.by, pet.Code); err != nil {
				r.Fatalf("the pet %d is lost: %v", pet.ID, err)
			}
		}
	}
}
