# weft_generate(TARGET FILE.thrift [EMBED_IDL] [PLAIN_HANDLERS] [ALONE] [INCLUDES DIR...])
#
# Turns FILE.thrift and all files that it includes into .h and .c with weftc and
# makes them part of TARGET. A file that an earlier call for TARGET has made is
# not made again. INCLUDES are searched for included files, after the folder of
# the file that includes them.
# EMBED_IDL: servers can send the IDL to `weft call` and others.
# PLAIN_HANDLERS: there is a table of handlers that take their arguments one by
# one.
# ALONE: only FILE.thrift; the included ones come from another target.
# Works inside weft's own build and after find_package(weft).
cmake_policy(PUSH)
cmake_policy(SET CMP0057 NEW) # IN_LIST
cmake_policy(SET CMP0116 NEW) # Ninja finds depfiles' targets by any path.

# Append a file and those that it includes to `list`, each once. Files that are
# not found are ignored here; weftc reports them.
function(weft_follow_includes file list dirs)
  if(file IN_LIST ${list})
    return()
  endif()
  list(APPEND ${list} ${file})
  file(READ ${file} text)
  string(REPLACE ";" "," text "${text}")
  string(REGEX REPLACE "/\\*([^*]|\\*+[^*/])*\\*+/" "" text "${text}")
  set(code "([^\n\"'#/]|/[^/\n]|\"[^\"\n]*\"|'[^'\n]*')*") # no comment
  string(REGEX REPLACE "(^|\n)(${code})(#|//)[^\n]*" "\\1\\2" text "${text}")
  string(REGEX MATCHALL "(^|[ \t\r\n])include[ \t]+(\"[^\"\n]+\"|'[^'\n]+')"
         includes "${text}")
  cmake_path(GET file PARENT_PATH beside)
  foreach(include IN LISTS includes)
    string(REGEX REPLACE ".*include[ \t]+.(.*).$" "\\1" name "${include}")
    foreach(dir IN ITEMS ${beside} LISTS dirs)
      cmake_path(ABSOLUTE_PATH name BASE_DIRECTORY ${dir} OUTPUT_VARIABLE path)
      if(EXISTS ${path})
        file(REAL_PATH ${path} path)
        weft_follow_includes(${path} ${list} "${dirs}")
        break()
      endif()
    endforeach()
  endforeach()
  set(${list} "${${list}}" PARENT_SCOPE)
endfunction()

# The names that weftc gives the .h and .c of a file, which depend on the other
# files of its run: see compiler/emit/outputs.c.
function(weft_output_name file files result)
  cmake_path(GET file STEM LAST_ONLY base)
  cmake_path(GET file PARENT_PATH common)
  foreach(other IN LISTS files)
    cmake_path(GET other STEM LAST_ONLY other_base)
    if(other_base STREQUAL base)
      cmake_path(GET other PARENT_PATH folder)
      cmake_path(IS_PREFIX common ${folder} within)
      while(NOT within)
        cmake_path(GET common PARENT_PATH common)
        cmake_path(IS_PREFIX common ${folder} within)
      endwhile()
    endif()
  endforeach()
  cmake_path(GET file PARENT_PATH folder)
  cmake_path(RELATIVE_PATH folder BASE_DIRECTORY ${common})
  cmake_path(SET name NORMALIZE ${folder}/${base})
  set(def ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/headers.def) # as installed
  if(NOT EXISTS ${def})
    set(def ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/../compiler/emit/headers.def)
  endif()
  file(READ ${def} headers)
  string(REGEX REPLACE "_+$" "" plain "${base}")
  string(FIND "${headers}" "\"${plain}\"" at)
  if(at GREATER -1 OR name MATCHES
     "^(arpa|asm|bits|gnu|linux|net|netinet|sys|weft)/")
    string(APPEND name _)
  endif()
  set(${result} ${name} PARENT_SCOPE)
endfunction()

function(weft_generate target file)
  cmake_parse_arguments(PARSE_ARGV 2 arg "EMBED_IDL;PLAIN_HANDLERS;ALONE" "" INCLUDES)
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "weft_generate(${target}): `${arg_UNPARSED_ARGUMENTS}` "
                        "is no option; each file has a call of its own")
  endif()
  file(REAL_PATH ${file} file)
  set(dir ${CMAKE_CURRENT_BINARY_DIR}/gen-${target})
  set(dirs)
  set(options)
  foreach(include IN LISTS arg_INCLUDES)
    cmake_path(ABSOLUTE_PATH include NORMALIZE)
    list(APPEND dirs ${include})
    list(APPEND options -I ${include})
  endforeach()
  if(arg_EMBED_IDL)
    list(APPEND options --embed-idl)
  endif()
  if(arg_PLAIN_HANDLERS)
    list(APPEND options --plain-handlers)
  endif()

  set(all)
  weft_follow_includes(${file} all "${dirs}")
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${all})
  get_target_property(made ${target} WEFT_GENERATED)
  set(files ${all})
  if(arg_ALONE)
    set(files ${file})
  endif()
  list(REMOVE_ITEM files ${made})
  if(NOT files)
    return()
  endif()
  set_property(TARGET ${target} APPEND PROPERTY WEFT_GENERATED ${files})

  set(outputs)
  foreach(one IN LISTS files)
    weft_output_name(${one} "${all}" name)
    list(APPEND outputs ${dir}/${name}.h ${dir}/${name}.c)
  endforeach()
  list(GET outputs 0 first)
  file(MAKE_DIRECTORY ${dir})
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND weft::weftc --gen c -o ${dir} --deps ${first}.d ${options} ${files}
    DEPENDS weft::weftc ${files}
    DEPFILE ${first}.d
    COMMENT "weftc ${file}"
    VERBATIM)
  target_sources(${target} PRIVATE ${outputs})
  target_include_directories(${target} PRIVATE ${dir})
endfunction()
cmake_policy(POP)
