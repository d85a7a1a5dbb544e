package reference

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"vetalyze/db"
	"vetalyze/internal/staff"
)

// A List names one of the lists.
type List string

// The lists.
const (
	ListPlans     List = "plans"
	ListMethods   List = "methods"
	ListCountries List = "countries"
	ListSpecies   List = "species"
	ListChannels  List = "channels"
)

// added stands among the entries that came with the migrations, before "Other".
const added = 50

// An Entry is what all lists have in common.
type Entry struct {
	ID      string // a number, or a country's ISO code
	NameEN  string
	NameAR  string
	Emoji   string // of species and channels; a country's flag
	Retired bool
}

// Entries returns all of a list, retired ones too, past the cache: who changes a list sees it as it is.
func (r *Reference) Entries(ctx context.Context, list List) ([]Entry, error) {
	switch list {
	case ListPlans:
		return entries(ctx, r.plans, func(p Plan) Entry {
			return Entry{ID: strconv.Itoa(p.ID), NameEN: p.NameEN, NameAR: p.NameAR, Retired: p.Retired}
		})
	case ListMethods:
		return entries(ctx, r.paymentMethods, func(m PaymentMethod) Entry {
			return Entry{ID: strconv.Itoa(m.ID), NameEN: m.NameEN, NameAR: m.NameAR, Retired: m.Retired}
		})
	case ListCountries:
		return entries(ctx, r.countries, func(c Country) Entry {
			return Entry{ID: c.Code, NameEN: c.NameEN, NameAR: c.NameAR, Emoji: c.Flag(), Retired: c.Retired}
		})
	case ListSpecies:
		return entries(ctx, r.species, func(s Species) Entry {
			return Entry{ID: strconv.Itoa(s.ID), NameEN: s.NameEN, NameAR: s.NameAR, Emoji: s.Emoji, Retired: s.Retired}
		})
	case ListChannels:
		return entries(ctx, r.channels, func(c Channel) Entry {
			return Entry{ID: strconv.Itoa(c.ID), NameEN: c.NameEN, NameAR: c.NameAR, Emoji: c.Emoji, Retired: c.Retired}
		})
	}
	return nil, ErrNotFound
}

func entries[List ~[]T, T any](ctx context.Context, read func(context.Context) (List, error), as func(T) Entry) ([]Entry, error) {
	list, err := read(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Entry, len(list))
	for i, one := range list {
		all[i] = as(one)
	}
	return all, nil
}

// AddEntry adds to the payment methods, species or channels. Under a key that has added before, it changes nothing.
func (r *Reference) AddEntry(ctx context.Context, by staff.Speaker, list List, key db.Key, entry Entry) error {
	scope, err := by.Platform(r.db, staff.RightManageReference)
	if err != nil {
		return err
	}
	switch list {
	case ListMethods:
		_, err = r.query.PaymentMethodInsert(ctx, scope, db.PaymentMethodInsertParams{
			NameEn: entry.NameEN, NameAr: entry.NameAR, Position: added, CreationKey: unlessZero(key),
		})
	case ListSpecies:
		_, err = r.query.SpeciesInsert(ctx, scope, db.SpeciesInsertParams{
			NameEn: entry.NameEN, NameAr: entry.NameAR, Emoji: entry.Emoji, Position: added, CreationKey: unlessZero(key),
		})
	case ListChannels:
		_, err = r.query.ChannelInsert(ctx, scope, db.ChannelInsertParams{
			NameEn: entry.NameEN, NameAr: entry.NameAR, Emoji: entry.Emoji, Position: added, CreationKey: unlessZero(key),
		})
	default:
		return ErrNotFound
	}
	return r.after(ctx, "add to "+string(list), err)
}

// AddCountry adds a country. One that is there already under the code is ErrNameTaken, unless it is the same.
func (r *Reference) AddCountry(ctx context.Context, by staff.Speaker, country Country) error {
	scope, err := by.Platform(r.db, staff.RightManageReference)
	if err != nil {
		return err
	}
	if _, err := time.LoadLocation(country.TimeZone); err != nil {
		return ErrUnfit
	}
	inserted, err := r.query.CountryInsert(ctx, scope, db.CountryInsertParams{
		CountryCode: country.Code, CallingCode: int32(country.CallingCode), NameEn: country.NameEN, NameAr: country.NameAR,
		Currency: country.Currency, CurrencyExponent: int16(country.CurrencyExponent), TimeZone: country.TimeZone, Position: added,
	})
	if err == nil && inserted == 0 {
		countries, err := r.countries(ctx)
		if err != nil {
			return err
		}
		if now, _ := countries.ByCode(country.Code); now != country {
			return ErrNameTaken
		}
	}
	return r.after(ctx, "add a country", err)
}

// Rename gives an entry of any list but the plans, which ChangePlan changes, other names and another emoji.
func (r *Reference) Rename(ctx context.Context, by staff.Speaker, list List, entry Entry) error {
	scope, err := by.Platform(r.db, staff.RightManageReference)
	if err != nil {
		return err
	}
	if list == ListCountries {
		renamed, err := r.query.CountryRename(ctx, scope, db.CountryRenameParams{
			NameEn: entry.NameEN, NameAr: entry.NameAR, CountryCode: entry.ID,
		})
		return r.after(ctx, "rename a country", orNotFound(renamed, err))
	}
	id, err := number(entry.ID)
	if err != nil {
		return err
	}
	var renamed int64
	switch list {
	case ListMethods:
		renamed, err = r.query.PaymentMethodRename(ctx, scope, db.PaymentMethodRenameParams{
			NameEn: entry.NameEN, NameAr: entry.NameAR, MethodID: id,
		})
	case ListSpecies:
		renamed, err = r.query.SpeciesRename(ctx, scope, db.SpeciesRenameParams{
			NameEn: entry.NameEN, NameAr: entry.NameAR, Emoji: entry.Emoji, SpeciesID: id,
		})
	case ListChannels:
		renamed, err = r.query.ChannelRename(ctx, scope, db.ChannelRenameParams{
			NameEn: entry.NameEN, NameAr: entry.NameAR, Emoji: entry.Emoji, ChannelID: id,
		})
	}
	return r.after(ctx, "rename in "+string(list), orNotFound(renamed, err))
}

// SetRetired takes an entry out of what is offered, or puts it back. Old records go on naming it, so nothing is ever
// deleted. ErrNotFound says that there is no such entry, or that it is as wanted already.
func (r *Reference) SetRetired(ctx context.Context, by staff.Speaker, list List, id string, retired bool) error {
	scope, err := by.Platform(r.db, staff.RightManageReference)
	if err != nil {
		return err
	}
	now := r.clock.Now()
	at := &now
	if !retired {
		at = nil
	}
	if list == ListCountries {
		changed, err := r.query.CountrySetRetired(ctx, scope, at, id)
		return r.after(ctx, "retire a country", orNotFound(changed, err))
	}
	entry, err := number(id)
	if err != nil {
		return err
	}
	var changed int64
	switch list {
	case ListPlans:
		changed, err = r.query.PlanSetRetired(ctx, scope, at, entry)
	case ListMethods:
		changed, err = r.query.PaymentMethodSetRetired(ctx, scope, at, entry)
	case ListSpecies:
		changed, err = r.query.SpeciesSetRetired(ctx, scope, at, entry)
	case ListChannels:
		changed, err = r.query.ChannelSetRetired(ctx, scope, at, entry)
	}
	return r.after(ctx, "retire in "+string(list), orNotFound(changed, err))
}

// number reads the id of an entry; what is none names no entry.
func number(id string) (int32, error) {
	n, err := strconv.ParseInt(id, 10, 32)
	if err != nil {
		return 0, fmt.Errorf("%w: id %q", ErrNotFound, id)
	}
	return int32(n), nil
}

// unlessZero is the key as the database keeps it: none where none was given.
func unlessZero(key db.Key) *db.Key {
	if key == (db.Key{}) {
		return nil
	}
	return &key
}
