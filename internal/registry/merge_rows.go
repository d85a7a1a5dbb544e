package registry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

// noted is what a merge may change of an owner or a pet, as PostgreSQL writes it: the same value is always the same bytes.
type noted map[string]json.RawMessage

// A row is an owner or a pet that a merge looks at.
type row struct {
	ID      int64
	Name    string
	NameKey string // of pets: the name as search sees it
	Version int
	Deleted bool
	noted
}

// A move is one field that a merge changed.
type move struct {
	Table  string          `json:"table"` // "owners" or "pets"
	ID     int64           `json:"id"`
	Field  string          `json:"field"`
	Before json.RawMessage `json:"before"`
	After  json.RawMessage `json:"after"`
}

// A ledger is the rows of a merge and the moves made on them so far.
type ledger struct {
	owners, pets map[int64]row
	moves        []move
	over         []string // phones that found no place on the card kept
}

var null = json.RawMessage("null")

func newLedger() *ledger { return &ledger{owners: map[int64]row{}, pets: map[int64]row{}} }

// set changes a field and notes it.
func (l *ledger) set(table string, id int64, field string, after json.RawMessage) {
	fields := l.table(table)[id].noted
	if bytes.Equal(fields[field], after) {
		return
	}
	l.moves = append(l.moves, move{Table: table, ID: id, Field: field, Before: fields[field], After: after})
	fields[field] = after
}

func (l *ledger) table(name string) map[int64]row {
	if name == "owners" {
		return l.owners
	}
	return l.pets
}

// changed lists the rows of a table that moves were made on, as the statements take them.
func (l *ledger) changed(table string) ([]byte, error) {
	type changed struct {
		ID     int64 `json:"id"`
		Fields noted `json:"fields"`
	}
	rows := []changed{}
	var seen []int64
	for _, m := range l.moves {
		if m.Table == table && !slices.Contains(seen, m.ID) {
			seen = append(seen, m.ID)
			rows = append(rows, changed{ID: m.ID, Fields: l.table(table)[m.ID].noted})
		}
	}
	return json.Marshal(rows)
}

// audit is what the history tells of the moves: on both owners' cards, and of every pet that became one with another or came
// out of it again.
func (l *ledger) audit(by staff.Member, now time.Time, kind string, kept, twin int64) db.MergeAuditParams {
	lines := db.MergeAuditParams{ClinicID: by.ClinicID, StaffID: by.StaffID, Now: now, Kind: kind}
	add := func(ownerID, petID int64, field, before, after string) {
		lines.OwnerIds, lines.PetIds = append(lines.OwnerIds, ownerID), append(lines.PetIds, petID)
		lines.Fields = append(lines.Fields, field)
		lines.Befores, lines.Afters = append(lines.Befores, before), append(lines.Afters, after)
	}
	add(kept, 0, "owner", l.owners[twin].Name, l.owners[kept].Name)
	add(twin, 0, "gone", l.owners[twin].Name, l.owners[kept].Name)
	for _, m := range l.moves {
		if m.Table != "pets" || m.Field != "merged_into" || !bytes.Equal(m.Before, null) && !bytes.Equal(m.After, null) {
			continue
		}
		pointer := m.After
		if bytes.Equal(pointer, null) {
			pointer = m.Before
		}
		var into int64
		_ = json.Unmarshal(pointer, &into) // it is an id
		add(l.pets[into].id("owner_id"), into, "pet", l.pets[m.ID].Name, l.pets[into].Name)
	}
	return lines
}

// put writes what became of the rows of a ledger.
func (r *Registry) put(ctx context.Context, tx db.Tx, by staff.Member, l *ledger) error {
	owners, err := l.changed("owners")
	if err != nil {
		return err
	}
	if err := r.query.MergeOwnersPut(ctx, tx, by.ClinicID, owners); err != nil {
		return err
	}
	pets, err := l.changed("pets")
	if err != nil {
		return err
	}
	return r.query.MergePetsPut(ctx, tx, by.ClinicID, pets)
}

func (l *ledger) readOwners(ctx context.Context, r *Registry, tx db.Tx, which db.MergeOwnersParams) error {
	found, err := r.query.MergeOwners(ctx, tx, which)
	for _, owner := range found {
		fields, failed := ownerRow(owner)
		l.owners[owner.OwnerID], err = fields, errors.Join(err, failed)
	}
	return err
}

func (l *ledger) readPets(ctx context.Context, r *Registry, tx db.Tx, which db.MergePetsParams) error {
	found, err := r.query.MergePets(ctx, tx, which)
	for _, pet := range found {
		fields, failed := petRow(pet)
		l.pets[pet.PetID], err = fields, errors.Join(err, failed)
	}
	return err
}

// readTouched reads both owners of a merge, what moves were made on, and where the pets among it are now.
func (l *ledger) readTouched(ctx context.Context, r *Registry, tx db.Tx, by staff.Member, both []int64, moves []move) error {
	owners := both
	var pets, into []int64
	for _, m := range moves {
		if m.Table == "owners" {
			owners = append(owners, m.ID)
		} else {
			pets = append(pets, m.ID)
		}
	}
	if err := l.readOwners(ctx, r, tx, db.MergeOwnersParams{ClinicID: by.ClinicID, OwnerIds: owners}); err != nil {
		return err
	}
	if err := l.readPets(ctx, r, tx, db.MergePetsParams{ClinicID: by.ClinicID, PetIds: pets}); err != nil {
		return err
	}
	for _, pet := range l.pets {
		if id := pet.id("merged_into"); id != 0 {
			into = append(into, id)
		}
	}
	return l.readPets(ctx, r, tx, db.MergePetsParams{ClinicID: by.ClinicID, PetIds: into})
}

// readPointers reads what went into the twin's pets before they go themselves.
func (l *ledger) readPointers(ctx context.Context, r *Registry, tx db.Tx, by staff.Member, pairs []SamePet) error {
	var going []int64
	for _, pair := range pairs {
		going = append(going, pair.Twin)
	}
	if len(going) == 0 {
		return nil
	}
	return l.readPets(ctx, r, tx, db.MergePetsParams{ClinicID: by.ClinicID, MergedInto: going})
}

func (r row) has(field string) bool {
	return len(r.noted[field]) > 0 && !bytes.Equal(r.noted[field], null)
}

// text is a field that holds text; empty for NULL.
func (r row) text(field string) (text string) {
	_ = json.Unmarshal(r.noted[field], &text)
	return text
}

// id is a field that holds a number; 0 for NULL.
func (r row) id(field string) (id int64) {
	_ = json.Unmarshal(r.noted[field], &id)
	return id
}

func number(id int64) json.RawMessage { return fmt.Append(nil, id) }

func quote(text string) json.RawMessage {
	quoted, _ := json.Marshal(text) // a string can always be written
	return quoted
}

func sorted(rows map[int64]row) []int64 {
	ids := make([]int64, 0, len(rows))
	for id := range rows {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	return ids
}

func ownerRow(found db.MergeOwnersRow) (row, error) {
	r := row{
		ID: found.OwnerID, Name: found.FullName, Version: int(found.Version), Deleted: found.DeletedAt != nil,
	}
	return r, json.Unmarshal(found.Fields, &r.noted)
}

func petRow(found db.MergePetsRow) (row, error) {
	r := row{ID: found.PetID, Name: found.Name, NameKey: found.NameKey, Version: int(found.Version), Deleted: found.DeletedAt != nil}
	return r, json.Unmarshal(found.Fields, &r.noted)
}
