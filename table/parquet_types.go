package table

import (
	"errors"
	"fmt"
	"math/big"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/format"
)

// converter makes a cell of a value that is not null.
type converter func(value parquet.Value) (cell, error)

// maxDecimalDigits and maxDecimalBytes bound a DECIMAL: 256 bits, the widest that Arrow writes.
const (
	maxDecimalDigits = 76
	maxDecimalBytes  = 32
)

// converterOf tells how the values of a column are read, by the logical type of the column, or the physical one where there is none
// (Parquet, LogicalTypes.md). The error says why they are not read.
func converterOf(name string, of parquet.Type) (converter, error) {
	if name == pandasIndex {
		return func(parquet.Value) (cell, error) { return cell{}, nil }, nil
	}
	id := name == patientColumn
	logical := of.LogicalType()
	if logical == nil {
		return ofPhysical(id, of)
	}
	switch logical := logical.Value.(type) {
	case *format.StringType, *format.EnumType:
		return textOf, nil
	case *format.IntType:
		return whole(id, logical.IsSigned), nil
	case *format.DecimalType:
		return decimal(id, logical)
	case *format.NullType: // a column without any value
		return func(parquet.Value) (cell, error) { return cell{}, errors.New("a value in a column that has none") }, nil
	case *format.UUIDType:
		if id {
			return uuid, nil
		}
	}
	return nil, refusedType(of)
}

func ofPhysical(id bool, of parquet.Type) (converter, error) {
	switch of.Kind() {
	case parquet.Boolean:
		return truth, nil
	case parquet.Int32, parquet.Int64:
		return whole(id, true), nil
	case parquet.Float:
		return func(value parquet.Value) (cell, error) { return numberOf(float64(value.Float())), nil }, nil
	case parquet.Double:
		return func(value parquet.Value) (cell, error) { return numberOf(value.Double()), nil }, nil
	case parquet.ByteArray: // text, as older programs write it
		return textOf, nil
	}
	return nil, refusedType(of)
}

func refusedType(of parquet.Type) error {
	return fmt.Errorf("its type in the file is %s, which is neither a number nor text; cast the column to one of these before writing the file", of)
}

func numberOf(x float64) cell { return cell{kind: numberCell, number: x} }

func textOf(value parquet.Value) (cell, error) {
	return cell{kind: textCell, text: value.ByteArray()}, nil
}

func truth(value parquet.Value) (cell, error) {
	if value.Boolean() {
		return numberOf(1), nil
	}
	return numberOf(0), nil
}

// whole reads integers. Those that name patients become text, because a float64 cannot tell apart those above 2⁵³.
func whole(id, signed bool) converter {
	return func(value parquet.Value) (cell, error) {
		narrow := value.Kind() == parquet.Int32
		switch {
		case signed && narrow:
			return wholeCell(id, int64(value.Int32())), nil
		case signed:
			return wholeCell(id, value.Int64()), nil
		case narrow:
			return wholeCell(id, uint64(value.Uint32())), nil
		}
		return wholeCell(id, value.Uint64()), nil
	}
}

func wholeCell[T int64 | uint64](id bool, x T) cell {
	if !id {
		return numberOf(float64(x))
	}
	return cell{kind: textCell, text: fmt.Append(nil, x)}
}

// decimal reads whole numbers with a scale: the value is unscaled / 10^scale, and the number the float64 that is nearest to it.
func decimal(id bool, of *format.DecimalType) (converter, error) {
	scale, precision := int(of.Scale), int(of.Precision)
	if precision < 1 || precision > maxDecimalDigits || scale < 0 || scale > precision {
		return nil, fmt.Errorf("its type in the file is %s; up to %d digits are read, of which the scale is a part", of, maxDecimalDigits)
	}
	unit := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(scale)), nil)
	return func(value parquet.Value) (cell, error) {
		unscaled, err := unscaledOf(value)
		if err != nil {
			return cell{}, err
		}
		exact := new(big.Rat).SetFrac(unscaled, unit)
		if id {
			return cell{kind: textCell, text: []byte(exact.FloatString(scale))}, nil
		}
		nearest, _ := exact.Float64()
		return numberOf(nearest), nil
	}, nil
}

// unscaledOf is the whole number of a DECIMAL: an integer, or bytes in two's complement, the highest first.
func unscaledOf(value parquet.Value) (*big.Int, error) {
	switch value.Kind() {
	case parquet.Int32:
		return big.NewInt(int64(value.Int32())), nil
	case parquet.Int64:
		return big.NewInt(value.Int64()), nil
	}
	bytes := value.ByteArray()
	if len(bytes) == 0 || len(bytes) > maxDecimalBytes {
		return nil, fmt.Errorf("a DECIMAL of %d bytes; 1 to %d are read", len(bytes), maxDecimalBytes)
	}
	unscaled := new(big.Int).SetBytes(bytes)
	if negative := bytes[0]>>7 == 1; negative {
		unscaled.Sub(unscaled, new(big.Int).Lsh(big.NewInt(1), uint(8*len(bytes)))) //nolint:gosec // at most 256
	}
	return unscaled, nil
}

// uuid writes the 16 bytes as RFC 9562 does.
func uuid(value parquet.Value) (cell, error) {
	b := value.ByteArray()
	return cell{kind: textCell, text: fmt.Appendf(nil, "%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])}, nil
}
