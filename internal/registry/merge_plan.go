package registry

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
	"unicode/utf8"
)

// plan tells what merging would do. The ledger is spent.
func (l *ledger) plan(what Merging) MergePlan {
	plan := MergePlan{Pairs: l.pairs(what.KeptID, what.TwinID), Seen: l.seen()}
	for i, pair := range plan.Pairs {
		plan.Pairs[i].Apart = slices.Contains(what.Apart, pair.Twin)
	}
	// Notes that are too long are refused when it comes to merging: until then, it may be decided to keep the pets apart.
	_ = l.merge(what.KeptID, what.TwinID, l.chosen(what))
	plan.NotedPhones = l.over
	plan.TakesNote = l.owners[what.TwinID].has("note")
	for _, m := range l.moves {
		switch {
		case m.Table != "owners" || m.ID != what.KeptID:
		case m.Field == "second_phone":
			plan.SecondPhone = l.owners[m.ID].text(m.Field)
		case m.Field == "channel_id":
			plan.ChannelID = int(l.owners[m.ID].id(m.Field))
		}
	}
	return plan
}

// chosen lists the pairs of pets that become one.
func (l *ledger) chosen(what Merging) []SamePet {
	return slices.DeleteFunc(l.pairs(what.KeptID, what.TwinID), func(p SamePet) bool { return slices.Contains(what.Apart, p.Twin) })
}

// seen tells the state of both cards from any other.
func (l *ledger) seen() string {
	digest := fnv.New64a()
	for _, rows := range []map[int64]row{l.owners, l.pets} {
		for _, id := range sorted(rows) {
			fmt.Fprintln(digest, id, rows[id].Version)
		}
	}
	return hex.EncodeToString(digest.Sum(nil))
}

// merge makes the moves that put the twin's card into the one kept. The pairs are pets that are one and the same.
func (l *ledger) merge(kept, twin int64, pairs []SamePet) error {
	for _, pair := range pairs {
		if err := l.mergePets(pair); err != nil {
			return err
		}
	}
	for _, id := range l.petsOf(twin) {
		l.set("pets", id, "owner_id", number(kept))
	}
	l.point("owners", twin, kept)

	into, from := l.owners[kept], l.owners[twin]
	l.fill("owners", kept, from, "channel_id")
	note := []string{into.text("note"), from.text("note")}
	if l.mergePhones(into, from); len(l.over) > 0 {
		note = append(note, from.Name+": "+strings.Join(l.over, ", "))
	}
	return l.join("owners", kept, "note", MaxNote, note...)
}

// mergePhones gives the free place for a second phone to the first of the twin's that is another one, and notes those that
// have found none.
func (l *ledger) mergePhones(into, from row) {
	for _, field := range []string{"phone", "second_phone"} {
		phone := from.text(field)
		switch {
		case phone == "" || phone == into.text("phone") || phone == into.text("second_phone"):
		case into.text("second_phone") == "":
			l.set("owners", into.ID, "second_phone", from.noted[field])
		default:
			l.over = append(l.over, phone)
		}
	}
}

// petFacts are what one record of a pet takes over from the other where it knows nothing itself. The notes are joined, and
// name and species are the same.
var petFacts = []string{
	"birth", "sex", "neutered", "breed", "colour", "microchip", "weight_grams", "deceased_on", "photo_file_id",
}

func (l *ledger) mergePets(pair SamePet) error {
	kept, twin := l.pets[pair.Kept], l.pets[pair.Twin]
	l.fill("pets", kept.ID, twin, petFacts...)
	if err := l.join("pets", kept.ID, "alert", MaxAlert, kept.text("alert"), twin.text("alert")); err != nil {
		return err
	}
	if err := l.join("pets", kept.ID, "note", MaxNote, kept.text("note"), twin.text("note")); err != nil {
		return err
	}
	l.point("pets", twin.ID, kept.ID)
	return nil
}

// fill takes over what is not known yet.
func (l *ledger) fill(table string, id int64, from row, fields ...string) {
	into := l.table(table)[id]
	for _, field := range fields {
		if !into.has(field) && from.has(field) {
			l.set(table, id, field, from.noted[field])
		}
	}
}

// join puts texts together, one below the other, each once.
func (l *ledger) join(table string, id int64, field string, longest int, texts ...string) error {
	var parts []string
	for _, text := range texts {
		if text != "" && !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	if len(parts) == 0 {
		return nil
	}
	whole := strings.Join(parts, "\n")
	if utf8.RuneCountInString(whole) > longest {
		return fmt.Errorf("%w: %s of %d", ErrTooMuchText, field, id)
	}
	if whole != l.table(table)[id].text(field) {
		l.set(table, id, field, quote(whole))
	}
	return nil
}

// point makes a row, and those that went into it before, lead to another one.
func (l *ledger) point(table string, from, to int64) {
	rows := l.table(table)
	for _, id := range sorted(rows) {
		if rows[id].id("merged_into") == from {
			l.set(table, id, "merged_into", number(to))
		}
	}
	l.set(table, from, "merged_into", number(to))
}

// undo makes the moves that take others back, the last first. What was changed since then stays as it is: a field is put
// back only if it still is what the merge has made of it.
func (l *ledger) undo(moves []move) {
	l.comeOut(moves)
	for _, m := range slices.Backward(moves) {
		row, there := l.table(m.Table)[m.ID]
		if there && m.Field != "merged_into" && bytes.Equal(row.noted[m.Field], m.After) {
			l.set(m.Table, m.ID, m.Field, m.Before)
		}
	}
}

// comeOut takes back what a merge put into another row, wherever that may have gone since, and leads back to it what had
// gone into it before.
func (l *ledger) comeOut(moves []move) {
	type place struct {
		table string
		id    int64
	}
	into := map[place]int64{} // where those who come out are now
	for _, m := range moves {
		if m.Field == "merged_into" && bytes.Equal(m.Before, null) {
			into[place{m.Table, m.ID}] = l.table(m.Table)[m.ID].id("merged_into")
			l.set(m.Table, m.ID, m.Field, null)
		}
	}
	for _, m := range moves {
		row, there := l.table(m.Table)[m.ID]
		if !there || m.Field != "merged_into" || bytes.Equal(m.Before, null) {
			continue
		}
		var former int64
		_ = json.Unmarshal(m.Before, &former) // it is an id: a merge has written it
		if row.id("merged_into") == into[place{m.Table, former}] {
			l.set(m.Table, m.ID, m.Field, m.Before)
		}
	}
}

// petsOf lists an owner's pets, but for those that are merged into another.
func (l *ledger) petsOf(owner int64) (ids []int64) {
	for _, id := range sorted(l.pets) {
		if pet := l.pets[id]; pet.id("owner_id") == owner && !pet.has("merged_into") {
			ids = append(ids, id)
		}
	}
	return ids
}

// pairs lists the pets that look the same on both cards, each in one pair at most: of one name and one species, and neither
// chip nor the dates of life speak against it.
func (l *ledger) pairs(kept, twin int64) (pairs []SamePet) {
	free := l.petsOf(kept)
	for _, id := range l.petsOf(twin) {
		other := l.pets[id]
		at := slices.IndexFunc(free, func(id int64) bool { return alike(l.pets[id], other) })
		if at >= 0 {
			pairs = append(pairs, SamePet{Kept: free[at], Twin: id})
			free = slices.Delete(free, at, at+1)
		}
	}
	return pairs
}

func alike(a, b row) bool {
	if a.Deleted || b.Deleted || a.NameKey != b.NameKey || !bytes.Equal(a.noted["species_id"], b.noted["species_id"]) {
		return false
	}
	if a.has("microchip") && b.has("microchip") && a.text("microchip") != b.text("microchip") {
		return false
	}
	return !diedBeforeBirth(a, b) && !diedBeforeBirth(b, a)
}

// diedBeforeBirth holds the day one record says the pet died against the birthday of the other; ISO dates compare as texts.
func diedBeforeBirth(dead, born row) bool {
	var birth []string
	_ = json.Unmarshal(born.noted["birth"], &birth) // NULL, or a pair of texts
	return dead.has("deceased_on") && len(birth) > 0 && dead.text("deceased_on") < birth[0]
}
