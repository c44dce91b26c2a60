// SPDX-License-Identifier: Apache-2.0
package dev.ingot.ffi;

import java.io.IOException;
import java.lang.foreign.AddressLayout;
import java.lang.foreign.GroupLayout;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SequenceLayout;
import java.lang.foreign.ValueLayout;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * C++ source that compiles only if a generated package says the same as the C headers it came from. Everything is read
 * off the generated classes, so nothing is typed twice. The words it uses are in {@code abi_probe.h}.
 */
final class AbiProbe {
    private final Class<?> header;
    private final Set<String> functions;
    private final StringBuilder source;

    private AbiProbe(Class<?> header, String include) {
        this.header = header;
        this.functions = Stream.of(header.getMethods())
                .map(Method::getName)
                .filter(name -> name.endsWith("$descriptor"))
                .map(name -> name.substring(0, name.indexOf('$')))
                .collect(Collectors.toUnmodifiableSet());
        this.source = new StringBuilder("#include \"" + include + "\"\n#include \"abi_probe.h\"\n");
    }

    /**
     * @param header  the generated class with functions and constants; the structs are the other classes of its package
     * @param include the C header, as in an include directive
     */
    static String source(Class<?> header, String include) {
        AbiProbe probe = new AbiProbe(header, include);
        structs(header).forEach(probe::struct);
        Stream.of(header.getDeclaredMethods())
                .filter(method -> Modifier.isPublic(method.getModifiers()) && !method.getName().contains("$"))
                .sorted(Comparator.comparing(Method::getName))
                .forEach(probe::functionOrConstant);
        Stream.of(header.getDeclaredClasses())
                .filter(type -> Modifier.isPublic(type.getModifiers()))
                .forEach(probe::variadicFunction);
        return probe.source.toString();
    }

    private static List<Class<?>> structs(Class<?> header) {
        try {
            Path root = Path.of(header.getProtectionDomain().getCodeSource().getLocation().toURI());
            try (Stream<Path> files = Files.list(root.resolve(header.getPackageName().replace('.', '/')))) {
                return files.map(file -> file.getFileName().toString())
                        .filter(name -> name.matches("\\w+\\.class"))
                        .map(name -> name.substring(0, name.indexOf('.')))
                        .filter(name -> !name.equals(header.getSimpleName()))
                        .sorted()
                        .<Class<?>>map(name -> load(header.getPackageName() + "." + name))
                        .toList();
            }
        } catch (URISyntaxException | IOException e) {
            throw new AssertionError(e);
        }
    }

    private void struct(Class<?> binding) {
        GroupLayout layout = (GroupLayout) call(binding, "layout");
        String name = binding.getSimpleName();
        // A function of the same name hides the type unless it is elaborated; a mere typedef must not be.
        String type = functions.contains(name) ? "struct " + name : name;
        check("sizeof(%s) == %d", type, layout.byteSize());
        check("alignof(%s) == %d", type, layout.byteAlignment());
        long values = 0;
        for (MemoryLayout member : layout.memberLayouts()) {
            if (member.name().isPresent()) {
                String field = member.name().get();
                MemoryLayout element = member instanceof SequenceLayout array ? array.elementLayout() : member;
                check("offsetof(%s, %s) == %d", type, field, (long) call(binding, field + "$offset"));
                check("sizeof(%s::%s) == %d", name, field, member.byteSize());
                check("same_element<decltype(%s::%s), %s>", name, field, expected(element));
                values += member instanceof SequenceLayout array ? array.elementCount() : 1;
            }
        }
        check("fields<%s, %d>", type, values);
    }

    private void functionOrConstant(Method method) {
        String name = method.getName();
        if (functions.contains(name)) {
            check("function<decltype(%s), %s>", name, signature(method));
        } else if (method.getReturnType() == int.class && method.getParameterCount() == 0) {
            check("same<std::remove_cv_t<decltype(%s)>, type<INTEGER, 4>>", name);
            check("static_cast<std::int32_t>(%s) == %d", name, (int) call(header, name));
        } else {
            throw new AssertionError("neither a function nor a constant of a type that the probe knows: " + method);
        }
    }

    /** Such a function is a class of its own; the last parameter of its apply stands for the variable ones. */
    private void variadicFunction(Class<?> binding) {
        Method apply = Stream.of(binding.getDeclaredMethods())
                .filter(method -> method.getName().equals("apply"))
                .findFirst()
                .orElseThrow(() -> new AssertionError("not a variadic function: " + binding));
        check("variadic_function<decltype(%s), %s>", binding.getSimpleName(), signature(apply));
    }

    /** Result and fixed parameters. The Java types of the methods stand for the descriptors, which need the library. */
    private static String signature(Method method) {
        return Stream.concat(Stream.of(method.getReturnType()), Stream.of(method.getParameterTypes()))
                .filter(type -> type != Object[].class)
                .map(AbiProbe::expected)
                .collect(Collectors.joining(", "));
    }

    private static String expected(Class<?> carrier) {
        if (carrier == void.class) {
            return "nothing";
        }
        // A struct passed by value has the same carrier; taken for a pointer here, it does not compile unnoticed.
        if (carrier == MemorySegment.class) {
            return expected(ValueLayout.ADDRESS);
        }
        boolean floating = carrier == float.class || carrier == double.class;
        int bits = switch (carrier.getName()) {
            case "byte", "boolean" -> Byte.SIZE;
            case "short", "char" -> Short.SIZE;
            case "int", "float" -> Integer.SIZE;
            case "long", "double" -> Long.SIZE;
            default -> throw new AssertionError("a type that the probe does not know: " + carrier);
        };
        return "type<" + (floating ? "FLOATING, " : "INTEGER, ") + bits / Byte.SIZE + ">";
    }

    private static String expected(MemoryLayout layout) {
        return switch (layout) {
            case AddressLayout address -> "type<POINTER, " + address.byteSize() + ">";
            case ValueLayout value -> expected(value.carrier());
            case GroupLayout group -> "type<STRUCT, " + group.byteSize() + ">";
            default -> throw new AssertionError("a layout that the probe does not know: " + layout);
        };
    }

    private void check(String condition, Object... arguments) {
        source.append("static_assert(").append(condition.formatted(arguments)).append(");\n");
    }

    private static Class<?> load(String name) {
        try {
            // Not initialised: reading a binding must not look for its library.
            return Class.forName(name, false, AbiProbe.class.getClassLoader());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static Object call(Class<?> type, String method) {
        try {
            return type.getMethod(method).invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(e);
        }
    }
}
