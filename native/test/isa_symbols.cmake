# SPDX-License-Identifier: Apache-2.0
# Files compiled for an instruction set must define nothing that the linker could share with other files: a shared inline
# function would run AVX-512 code on processors without it. Only the one accessor of the table may be global.
set(checked 0)
foreach(object IN LISTS OBJECTS)
    if(NOT object MATCHES "isa_([a-z0-9]+)\\.cpp")
        continue()
    endif()
    set(isa ${CMAKE_MATCH_1})
    execute_process(COMMAND ${NM} --defined-only --extern-only -C ${object} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
    string(REPLACE "\n" ";" lines "${symbols}")
    foreach(line IN LISTS lines)
        if(line MATCHES "^[0-9a-f]+ [A-Za-z] (.*)$" AND NOT line MATCHES "ingot_${isa}::"
           AND NOT line MATCHES " ingot_kernels_${isa}\\(\\)$")
            message(FATAL_ERROR "isa_${isa}.cpp defines a symbol outside its namespace: ${CMAKE_MATCH_1}")
        endif()
    endforeach()
    math(EXPR checked "${checked} + 1")
endforeach()
if(checked EQUAL 0)
    message(FATAL_ERROR "no object file of an instruction set was found in: ${OBJECTS}")
endif()
message(STATUS "${checked} object files checked")
