package registry_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vetalyze/db"
	"vetalyze/internal/registry"
	"vetalyze/internal/staff"
)

// many registers so many owners, each with a dog, and returns their ids from the latest to the first.
func (d *desk) many(by staff.Member, count int, name string) []int64 {
	d.t.Helper()
	var ids []int64
	for i := range count {
		owner := d.scatter(by, scanned{
			name: fmt.Sprintf("%s %d", name, i+1), phones: []string{fmt.Sprintf("+2010%08d", i)}, pets: []scannedPet{{name: "Rex"}},
		})
		ids = append([]int64{owner.id}, ids...)
	}
	return ids
}

// page reads a page of the list and says where it stands and who is on it.
func (d *desk) page(by staff.Member, at registry.ListMark) (list registry.List, place string, ids []int64) {
	d.t.Helper()
	list, err := d.OwnersPage(d.t.Context(), by, at)
	d.must(err)
	for _, owner := range list.Owners {
		ids = append(ids, owner.ID)
	}
	return list, fmt.Sprintf("%d-%d of %d", list.From, list.From+len(list.Owners)-1, list.Total), ids
}

func TestOwnersPage(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	ids := d.many(d.mona, 47, "Ahmed")
	d.many(d.salma, 3, "Secret")

	expect := func(at registry.ListMark, wantPlace string, wantIDs []int64) registry.List {
		t.Helper()
		list, place, got := d.page(d.mona, at)
		if diff := cmp.Diff(wantIDs, got); diff != "" || place != wantPlace {
			t.Fatalf("%s, want %s; owners (-want +got)\n%s", place, wantPlace, diff)
		}
		return list
	}
	first := expect(registry.ListMark{}, "1-20 of 47", ids[:20])
	if _, ok := first.Earlier(); ok {
		t.Error("a page before the first")
	}
	want := registry.Listed{
		ID: ids[0], Name: "Ahmed 47", Phone: "+201000000046",
		Pets: []registry.ListedPet{{Name: "Rex", SpeciesID: 1}},
	}
	if diff := cmp.Diff(want, first.Owners[0]); diff != "" {
		t.Errorf("an owner (-want +got)\n%s", diff)
	}
	second := expect(later(t, first), "21-40 of 47", ids[20:40])
	third := expect(later(t, second), "41-47 of 47", ids[40:])
	if _, ok := third.Later(); ok {
		t.Error("a page after the last")
	}
	expect(earlier(t, third), "21-40 of 47", ids[20:40])
	expect(earlier(t, second), "1-20 of 47", ids[:20])

	// Two are registered, and the one at the end of the second page is deleted: marks hold, and places come right at the ends.
	newer := d.many(d.mona, 2, "Newer")
	expect(later(t, second), "43-49 of 49", ids[40:])
	d.do(d.mona, `UPDATE owners SET deleted_at = now(), deleted_by = $1 WHERE owner_id = $2`, d.mona.StaffID, ids[39])
	expect(later(t, second), "42-48 of 48", ids[40:])
	expect(earlier(t, second), "2-21 of 48", ids[:20])
	expect(registry.ListMark{Back: true, OwnerID: ids[17], Place: 18}, "1-20 of 48", append(newer, ids[:18]...))

	// Everybody after the mark is gone: the first page.
	d.do(d.mona, `UPDATE owners SET deleted_at = now(), deleted_by = $1 WHERE owner_id < $2`, d.mona.StaffID, ids[25])
	expect(later(t, second), "1-20 of 28", append(newer, ids[:18]...))
}

func TestOwnersPageOfNobody(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	if _, place, ids := d.page(d.mona, registry.ListMark{}); len(ids) > 0 || place != "0--1 of 0" {
		t.Errorf("%s: %v", place, ids)
	}
	ids := d.many(d.mona, 3, "Ahmed")
	for _, forged := range []registry.ListMark{
		{OwnerID: -1},
		{OwnerID: ids[2], Place: 20},
		{Back: true, OwnerID: ids[1], Place: -7},
		{Back: true, OwnerID: 1<<63 - 1, Place: 1 << 30},
		{Back: true},
	} {
		if list, place, got := d.page(d.mona, forged); !cmp.Equal(got, ids) || place != "1-3 of 3" {
			t.Errorf("%+v: %s %v", forged, place, list)
		}
	}
	nobody := d.mona
	nobody.Access = staff.AccessNone
	if _, err := d.OwnersPage(t.Context(), nobody, registry.ListMark{}); !errors.Is(err, staff.ErrNotAllowed) {
		t.Errorf("a closed clinic's list: %v", err)
	}
}

// Pets are listed in the order of registration, also those that came to the owner later.
func TestOwnersPagePets(t *testing.T) {
	t.Parallel()
	d := newDesk(t)
	owner := d.register(d.mona, registry.Registration{
		Key: db.NewKey(), Name: "Mona Adel", Phone: "+201000000001", Pets: []registry.NewPet{{Name: "Rex", SpeciesID: 1}, {Name: "Luna", SpeciesID: 2}},
	})
	_, err := d.AddPets(t.Context(), d.mona, owner.ID, db.NewKey(), []registry.NewPet{{Name: "Ace", SpeciesID: 1}})
	d.must(err)
	before := d.many(d.mona, registry.ListPage-1, "Newer")
	want := []registry.ListedPet{{Name: "Rex", SpeciesID: 1}, {Name: "Luna", SpeciesID: 2}, {Name: "Ace", SpeciesID: 1}}
	for _, at := range []registry.ListMark{{OwnerID: before[registry.ListPage-2], Place: registry.ListPage - 1}, {Back: true, OwnerID: 1}} {
		list, place, _ := d.page(d.mona, at)
		if diff := cmp.Diff(want, list.Owners[len(list.Owners)-1].Pets); diff != "" {
			t.Errorf("%s: pets (-want +got)\n%s", place, diff)
		}
	}
}

func later(t *testing.T, list registry.List) registry.ListMark {
	t.Helper()
	mark, ok := list.Later()
	if !ok {
		t.Fatal("no later page")
	}
	return mark
}

func earlier(t *testing.T, list registry.List) registry.ListMark {
	t.Helper()
	mark, ok := list.Earlier()
	if !ok {
		t.Fatal("no earlier page")
	}
	return mark
}
