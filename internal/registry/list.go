package registry

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

// ListPage is how many owners a page of the list has.
const ListPage = 20

// A Listed owner is a line of the list.
type Listed struct {
	ID    int64
	Name  string
	Phone string
	Pets  []ListedPet
}

// A ListedPet is a living pet in the owner's line.
type ListedPet struct {
	Name      string
	SpeciesID int
}

// A ListMark says where a page of the list begins: after an owner, or, going back, where it ends: before one. The owner
// need not be there any more. The zero ListMark is the first page.
type ListMark struct {
	Back    bool
	OwnerID int64
	Place   int // where the owner stood in the list; it says where the page stands, and no more
}

// List is a page of a clinic's owners, the latest registered first.
type List struct {
	Owners []Listed
	From   int // the place of the first of them among all; 0: there are none
	Total  int

	more bool // after the last of them
}

// Earlier returns the mark of the page before, if there is one.
func (l List) Earlier() (ListMark, bool) {
	if l.From <= 1 {
		return ListMark{}, false
	}
	return ListMark{Back: true, OwnerID: l.Owners[0].ID, Place: l.From}, true
}

// Later returns the mark of the page after, if there is one.
func (l List) Later() (ListMark, bool) {
	if !l.more {
		return ListMark{}, false
	}
	return ListMark{OwnerID: l.Owners[len(l.Owners)-1].ID, Place: l.From + len(l.Owners) - 1}, true
}

// OwnersPage returns a page of the list. Its place is told by the marks from page to page, as finding it would be counting;
// what others register or delete meanwhile puts it out by as much until the next first or last page.
func (r *Registry) OwnersPage(ctx context.Context, by staff.Member, at ListMark) (List, error) {
	if !by.May(staff.RightReadRegistry) {
		return List{}, staff.ErrNotAllowed
	}
	list, err := r.listPage(ctx, by, at)
	if err == nil && at != (ListMark{}) && (at.Back && len(list.Owners) < ListPage || len(list.Owners) == 0) {
		// So few are before the mark that they begin the first page; or what was after it is gone.
		return r.listPage(ctx, by, ListMark{})
	}
	return list, err
}

func (r *Registry) listPage(ctx context.Context, by staff.Member, at ListMark) (List, error) {
	rows, err := r.listRows(ctx, by, at)
	if err != nil {
		return List{}, fmt.Errorf("list owners: %w", err)
	}
	if len(rows) == 0 {
		return List{}, nil
	}
	owners := listed(rows)
	beyond := len(owners) > ListPage // the way the page was asked for
	switch {
	case beyond && at.Back:
		owners = owners[1:]
	case beyond:
		owners = owners[:ListPage]
	}
	list := List{Owners: owners, Total: int(rows[0].Total), more: beyond || at.Back}
	list.From = place(at, len(owners), list.Total, beyond)
	return list, nil
}

// listRows reads the owners that a page may have and, that way, one more if there is one.
func (r *Registry) listRows(ctx context.Context, by staff.Member, at ListMark) ([]db.OwnerPageRow, error) {
	scope := by.Scope(r.db).Listing()
	if !at.Back {
		which := db.OwnerPageParams{ClinicID: by.ClinicID, After: at.OwnerID, AtMost: ListPage + 1}
		if at == (ListMark{}) {
			which.After = math.MaxInt64
		}
		return r.query.OwnerPage(ctx, scope, which)
	}
	before, err := r.query.OwnerPageBefore(ctx, scope, db.OwnerPageBeforeParams{
		ClinicID: by.ClinicID, Before: at.OwnerID, AtMost: ListPage + 1,
	})
	rows := make([]db.OwnerPageRow, 0, len(before))
	for _, row := range before {
		rows = append(rows, db.OwnerPageRow(row))
	}
	return rows, err
}

// place is where a page of so many rows stands: what its mark says, held to what is known of the list's ends.
func place(at ListMark, rows, total int, beyond bool) int {
	last := max(total-rows+1, 1) // if it is the last page
	switch {
	case at == ListMark{} || at.Back && !beyond:
		return 1
	case at.Back:
		return min(max(at.Place-rows, 2), last)
	case !beyond:
		return last
	}
	return min(max(at.Place+1, 2), max(last-1, 1))
}

// listed puts the rows of each owner's pets together.
func listed(rows []db.OwnerPageRow) []Listed {
	owners := make([]Listed, 0, ListPage+1)
	pets := make([]ListedPet, 0, len(rows)) // of all owners: each has a part of it
	for len(rows) > 0 {
		owner := Listed{ID: rows[0].OwnerID, Name: rows[0].FullName, Phone: rows[0].Phone}
		next := 1
		for next < len(rows) && rows[next].OwnerID == owner.ID {
			next++
		}
		first := len(pets)
		pets = appendPets(pets, rows[:next])
		owner.Pets = pets[first:len(pets):len(pets)]
		owners, rows = append(owners, owner), rows[next:]
	}
	return owners
}

// appendPets appends the pets of one owner's rows, the first registered first.
func appendPets(pets []ListedPet, rows []db.OwnerPageRow) []ListedPet {
	slices.SortFunc(rows, func(a, b db.OwnerPageRow) int { return cmp.Compare(a.PetID, b.PetID) })
	for _, row := range rows {
		if row.PetID != 0 {
			pets = append(pets, ListedPet{Name: row.PetName, SpeciesID: int(row.PetSpecies)})
		}
	}
	return pets
}
