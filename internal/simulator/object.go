package simulator

import (
	"fmt"
	"slices"

	"github.com/tidwall/gjson"
)

// object is a JSON object of an argument. Names are compared to the letter, as the server does.
type object []field

type field struct {
	name  string
	value gjson.Result
}

// readObject reads an argument that is valid JSON; ok is false when it is no object.
func readObject(arg string) (o object, ok bool) { return objectOf(gjson.Parse(arg)) }

func objectOf(value gjson.Result) (o object, ok bool) {
	ok = o.read(value)
	return o, ok
}

// read puts the fields of an object in place of those that o had. It reports whether value is one.
func (o *object) read(value gjson.Result) bool {
	*o = (*o)[:0]
	if !value.IsObject() {
		return false
	}
	value.ForEach(func(name, value gjson.Result) bool {
		*o = append(*o, field{name.Str, value})
		return true
	})
	return true
}

// get returns a field. One that is null counts as absent: ok is false.
func (o object) get(name string) (value gjson.Result, ok bool) {
	i := o.find(name)
	if i < 0 {
		return gjson.Result{}, false
	}
	return o[i].value, o[i].value.Type != gjson.Null
}

// has tells whether there is a field, be it null.
func (o object) has(name string) bool { return o.find(name) >= 0 }

// find returns where a field stands, the first of that name as in td::JsonObject; -1: nowhere.
func (o object) find(name string) int {
	return slices.IndexFunc(o, func(f field) bool { return f.name == name })
}

// raw is a field as it was written; "" if there is none.
func (o object) raw(name string) string {
	value, _ := o.get(name)
	return value.Raw
}

// text reads an optional string; numbers pass for strings as in td::JsonObject.
func (o object) text(name string) (string, error) {
	value, ok := o.get(name)
	switch {
	case !ok:
		return "", nil
	case value.Type == gjson.String:
		return value.Str, nil
	case value.Type == gjson.Number:
		return value.Raw, nil
	}
	return "", fmt.Errorf("Field %q must be of type String", name)
}

func (o object) required(name string) (string, error) {
	if _, ok := o.get(name); !ok {
		return "", fmt.Errorf("Can't find field %q", name)
	}
	return o.text(name)
}

func (o object) flag(name string) (bool, error) {
	value, ok := o.get(name)
	if !ok {
		return false, nil
	}
	if !value.IsBool() {
		return false, fmt.Errorf("Field %q must be of type Boolean", name)
	}
	return value.Bool(), nil
}

func (o object) object(name string) (object, error) {
	value, _ := o.get(name)
	inner, ok := objectOf(value)
	if !ok {
		return nil, fmt.Errorf("Field %q must be of type Object", name)
	}
	return inner, nil
}

// rows reads a keyboard, which is an array of arrays of buttons, as far as its rows.
func (o object) rows(name, notRows string) ([]gjson.Result, error) {
	value, ok := o.get(name)
	if !ok {
		return nil, nil
	}
	if !value.IsArray() {
		return nil, fmt.Errorf("Field %q must be of type Array", name)
	}
	rows := value.Array()
	for _, row := range rows {
		if !row.IsArray() {
			return nil, fmt.Errorf("%s", notRows)
		}
	}
	return rows, nil
}
